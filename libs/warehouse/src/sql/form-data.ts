import { Refused } from './refused.js';

/** `multipart/form-data`: as clients send a question whose parameters are too long for an address, such as a list of ids. */
export const isForm = (contentType: string | undefined): contentType is string =>
  /^\s*multipart\/form-data\b/i.test(contentType ?? '');

/** The fields of a form, which mean what they mean in an address: `query`, `param_…`, settings. */
export const formFields = async (contentType: string, body: Buffer): Promise<URLSearchParams> => {
  let form: FormData;
  try {
    form = await new Response(body, { headers: { 'content-type': contentType } }).formData();
  } catch {
    throw new Refused(
      27,
      'CANNOT_PARSE_INPUT_ASSERTION_FAILED',
      'The form (multipart/form-data) is damaged or cut off.',
    );
  }
  const fields = new URLSearchParams();
  for (const [name, value] of form) {
    if (typeof value !== 'string')
      throw new Refused(
        48,
        'NOT_IMPLEMENTED',
        'External data is not read here; a list of values goes into a parameter: {ids:Array(String)}.',
      );
    fields.append(name, value);
  }
  return fields;
};
