import { type Refusal } from '../refusal.js';

export const isOfRegistry = (url: string): boolean => url.startsWith('/registry/');

/** A refusal as clients of Confluent's registry read one: they show `message`, and some fail over a body without `error_code`. */
export const registryRefusal = ({ status, body }: Refusal) => ({
  error_code: status,
  message: `${body.error.message}: ${body.error.remedy}`,
  ...body,
});
