import { isCalendarDay } from '../door/instant.js';
import { isRecord } from '../door/record.js';
import { checkId, checkOwnId, firstText, noTexts, part, textOf } from './loose.js';

interface StatedTraits {
  readonly traits: Readonly<Record<string, string>>;
  readonly interests: readonly string[];
}

/** Segment's reserved traits that have another name here. */
const renamed: Readonly<Record<string, string>> = {
  firstName: 'first_name',
  lastName: 'last_name',
  createdAt: 'registered_at',
  title: 'position',
};

/** `traits` of an identify call. Nested addresses and companies are spread over the traits that profiles know. */
export const statedTraits = (given: unknown): StatedTraits => {
  const traits = noTexts();
  const state = (name: string, value: unknown): void => {
    const text = textOf(value);
    if (text !== undefined) traits[name] = text;
  };
  let interests: readonly string[] = [];
  for (const [name, value] of Object.entries(part(given))) {
    if (name === 'interests' && Array.isArray(value)) interests = value.flatMap((item) => textOf(item) ?? []);
    else if (name === 'address' && isRecord(value)) stateAddress(state, value);
    else if (name === 'company' && isRecord(value)) stateCompany(state, value, 'traits.company.id');
    else if (name === 'birthday') stateBirthday(state, value);
    else {
      checkOwnId('traits', name, value);
      state(Object.hasOwn(renamed, name) ? (renamed[name] as string) : name, value);
    }
  }
  return { traits, interests };
};

/** `groupId` and `traits` of a group call: what is known of the person's company. */
export const statedCompany = (groupId: unknown, given: unknown): StatedTraits => {
  const traits = noTexts();
  stateCompany(
    (name, value) => {
      const text = textOf(value);
      if (text !== undefined) traits[name] = text;
    },
    { id: groupId, ...part(given) },
    'traits.id',
  );
  return { traits, interests: [] };
};

type State = (name: string, value: unknown) => void;

const stateAddress = (
  state: State,
  { street, city, state: province, postalCode, postal_code, country }: Readonly<Record<string, unknown>>,
): void => {
  state('address', street);
  state('city', city);
  state('province', province);
  state('postal_code', firstText(postalCode, postal_code));
  state('country', country);
};

/** @param idField where its id stands, should it be refused */
const stateCompany = (state: State, company: Readonly<Record<string, unknown>>, idField: string): void => {
  checkId(idField, company['id']);
  state('company', firstText(company['name'], company['id']));
  state('company_id', company['id']);
  state('industry', company['industry']);
  state('company_size', firstText(company['employees'], company['employee_count']));
};

/** Libraries send dates with a time; one that is no day of the calendar is kept, but not as a birthday. */
const stateBirthday = (state: State, value: unknown): void => {
  const text = textOf(value);
  if (text === undefined) return;
  const day = /^\d{4}-\d\d-\d\d(?:$|T)/.test(text) ? text.slice(0, 10) : text;
  state(isCalendarDay(day) ? 'birthday' : 'birthday_stated', isCalendarDay(day) ? day : text);
};
