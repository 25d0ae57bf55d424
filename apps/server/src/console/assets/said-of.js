import { say } from './language.js';

/** What often goes wrong is said in the language of the page; the rest as the API says it. */
export const saidOf = ({ status, code, message, remedy }) => {
  if (status === undefined) return say('unreachable');
  if (status === 404) return say('nobody');
  if (code === 'invalid_identifier') return say('noSuchValue');
  return [message, remedy].filter(Boolean).join(' — ');
};
