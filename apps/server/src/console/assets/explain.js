import { ask } from './api.js';
import { make, timeOf } from './dom.js';
import { labelled, moment, money, number, say, spoken } from './language.js';
import { saidOf } from './said-of.js';

const LONGEST = 160;

const shortJson = (of) => {
  if (of === undefined || of === null) return '–';
  const text = typeof of === 'string' ? of : JSON.stringify(of);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
};

/** A stage by its word, money also by its currency's code (one sign stands for several); anything else as it is. */
export const inWords = (path, value, currency) => {
  if (path.endsWith('.stage') && typeof value === 'string') return spoken('stages', value);
  return currency ? `${money(value, currency)} ${currency}` : shortJson(value);
};

/** What happened, when, and where in the log it stands. */
const placeOf = ({ type, at, source }) => [
  spoken('types', type),
  ' · ',
  timeOf(at, moment),
  source ? ` · ${source.topic}/${source.partition}/${source.offset}` : '',
];

const stepOf = (path, { before, after, currencyBefore, currency, at, cause, because }) =>
  make(
    'li',
    {},
    make('strong', { textContent: inWords(path, after, currency) }),
    make(
      'div',
      { className: 'quiet' },
      timeOf(at, moment),
      ` · ${labelled(say('before'), inWords(path, before, currencyBefore))}`,
    ),
    make('div', { className: 'quiet' }, `${say('because')} `, ...placeOf(because[0] ?? cause)),
  );

/** Why a value is what it is, newest step first. `text`: the value as the page shows it. */
export const explain = async (customerId, path, text) => {
  const dialog = make('dialog', { ariaLabel: `${say('why')} ${path}` });
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.append(
    make(
      'div',
      { className: 'who' },
      make('h2', { textContent: text }),
      make('code', { textContent: path }),
      make('button', { type: 'button', textContent: say('close'), onclick: () => dialog.close() }),
    ),
  );
  dialog.showModal();
  try {
    const { steps, rules, omitted } = await ask(`/v1/customers/${customerId}/explain?path=${encodeURIComponent(path)}`);
    dialog.append(
      make('p', { className: 'quiet', textContent: rules ? labelled(say('rules'), rules) : say('fromFacts') }),
      make('ol', {}, ...[...steps].reverse().map((step) => stepOf(path, step))),
    );
    if (omitted > 0)
      dialog.append(make('p', { className: 'quiet', textContent: `+ ${number(omitted)} ${say('omitted')}` }));
  } catch (error) {
    dialog.append(make('p', { className: 'failed', role: 'alert', textContent: saidOf(error) }));
  }
};
