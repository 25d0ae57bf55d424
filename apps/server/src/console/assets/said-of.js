import { say } from './language.js';

/** What often goes wrong is said in the language of the page; the rest as the API says it. */
export const saidOf = (error) => {
  const { status, code, message, remedy } = error;
  if (status === 0) return say('unreachable');
  if (status === undefined) {
    // The platform answered; it is this page that could not show it. Whoever mends it looks here.
    console.error(error);
    return say('broken');
  }
  if (status === 404) return say('nobody');
  if (code === 'invalid_identifier') return say('noSuchValue');
  return [message, remedy].filter(Boolean).join(' — ');
};
