import { type IncomingMessage } from 'node:http';

/** The first, where a header came more than once. `name`: in lower case. */
export const requestHeader = ({ headers }: Pick<IncomingMessage, 'headers'>, name: string): string | undefined => {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
};
