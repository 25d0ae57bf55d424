/** Ids are branded strings: parsed once at the edge, trusted inside. */
declare const brand: unique symbol;
type Branded<T, B extends string> = T & { readonly [brand]: B };

/** `s_` and 32 hex digits: the keyed hash of one normalised identifier. */
export type SubjectId = Branded<string, 'SubjectId'>;
/** `c_` and the 32 hex digits of the customer's namesake subject (its first seen). */
export type CustomerId = Branded<string, 'CustomerId'>;

const hex32 = /^[0-9a-f]{32}$/;

export const SubjectId = (text: string): SubjectId => {
  if (!text.startsWith('s_') || !hex32.test(text.slice(2)))
    throw new TypeError(`not a subject id: ${text.length} characters`);
  return text as SubjectId;
};
export const CustomerId = (text: string): CustomerId => {
  if (!text.startsWith('c_') || !hex32.test(text.slice(2)))
    throw new TypeError(`not a customer id: ${text.length} characters`);
  return text as CustomerId;
};
export const isSubjectId = (text: string): text is SubjectId => text.startsWith('s_') && hex32.test(text.slice(2));
export const isCustomerId = (text: string): text is CustomerId => text.startsWith('c_') && hex32.test(text.slice(2));

/** The customer that is named after this subject; it exists for ever, and resolves to whoever holds the subject now. */
export const customerNamedAfter = (subject: SubjectId): CustomerId => `c_${subject.slice(2)}` as CustomerId;
/** The subject that a customer id is named after: the way from any customer id ever issued to today's customer. */
export const namesakeOf = (customer: CustomerId): SubjectId => `s_${customer.slice(2)}` as SubjectId;
