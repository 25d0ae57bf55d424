import { listed, money, number, say, spoken, withAside } from './language.js';

const amountOf = ({ amount, currency }) => {
  if (typeof amount === 'string') return money(amount, currency);
  return typeof amount === 'number' ? money(amount / 10000, currency) : undefined;
};

/** Behaviour that was summed. */
const ofCounts = (summed) => {
  const counts = new Map();
  for (const { type, count } of summed) counts.set(type, (counts.get(type) ?? 0) + count);
  return listed([...counts].map(([type, count]) => `${spoken('types', type)} × ${number(count)}`));
};

/** Of an account that changes all day there are thousands. */
const NEWEST = 10;

const ofTransitions = (transitions) => {
  const standing = transitions.filter(({ withdrawn }) => !withdrawn);
  const told = (standing.length > 0 ? standing : transitions).map(({ to }) => spoken('stages', to));
  const stages = listed(told.length > NEWEST ? ['…', ...told.slice(-NEWEST)] : told);
  return standing.length > 0 || stages === '' ? stages : withAside(stages, say('withdrawn'));
};

/** What an entry of the timeline is about, in a line. */
export const brief = (detail) => {
  if (detail === null || typeof detail !== 'object') return '';
  if (Array.isArray(detail.counts)) return ofCounts(detail.counts);
  if (Array.isArray(detail.transitions)) return ofTransitions(detail.transitions);
  const { topic, outcome, orderId, name, path, query, title, score, survey, rating, ticketId, to } = detail;
  // Of an effort score a 2 is good, of a satisfaction score bad.
  const answer = typeof survey === 'string' ? `${survey.toUpperCase()} ${score}` : score;
  const what = orderId ?? ticketId ?? name ?? title ?? path ?? query ?? topic;
  return [what, outcome, answer ?? rating, to, amountOf(detail)]
    .filter((part) => part !== undefined && part !== null)
    .join(' · ');
};
