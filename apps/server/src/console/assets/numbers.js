import { ask } from './api.js';
import { byId, make, timeOf } from './dom.js';
import { languageNow, moment, number, percent, say, span, spoken } from './language.js';

const STATUS_MS = 1000;

const orders = {
  relationship: ['acquisition', 'growth', 'maturity', 'decline', 'exit'],
  buyer: ['prospect', 'first_time', 'repeat', 'loyal'],
  tier: ['bronze', 'silver', 'gold', 'platinum'],
};
const waning = new Set(['decline', 'exit']);

/** The two newest answers: between them lies the rate. */
let status;
let previous;

/** Strongest first; none before the first answer. */
export const identifierTypes = () => status?.identifierTypes ?? [];
/** As its channel file calls it, as far as the status has told. */
const titles = new Map();
export const titleOf = (channel) => titles.get(channel)?.[languageNow()] ?? channel.replaceAll('_', ' ');

const bars = (track, counts) => {
  const known = orders[track];
  const stages = [
    ...known.filter((stage) => stage in counts || track !== 'tier'),
    ...Object.keys(counts)
      .filter((stage) => !known.includes(stage))
      .sort(),
  ];
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const most = Math.max(1, ...Object.values(counts));
  byId(track).replaceChildren(
    ...(stages.length === 0 ? [make('li', { className: 'quiet', textContent: say('none') })] : []),
    ...stages.map((stage) => {
      const count = counts[stage] ?? 0;
      const fill = make('div', { className: 'fill' });
      fill.style.width = `${(count / most) * 100}%`;
      const share = total === 0 ? '' : ` ${percent(count / total)}`;
      return make(
        'li',
        { className: waning.has(stage) ? 'waning' : '' },
        make('span', { textContent: spoken('stages', stage) }),
        make('div', { className: 'track', ariaHidden: 'true' }, fill),
        make('span', { className: 'amount' }, number(count), make('small', { textContent: share })),
      );
    }),
  );
};

const showTotals = ({ customers, touchpoints, events, lag, uptime_s, now }) => {
  const elapsed_s = previous ? (Date.parse(now) - Date.parse(previous.now)) / 1000 : 0;
  const rate = elapsed_s > 0 ? Math.max(0, Math.round((touchpoints - previous.touchpoints) / elapsed_s)) : 0;
  const totals = [
    [say('customers'), number(customers)],
    [say('touchpoints'), number(touchpoints)],
    [say('perSecond'), number(rate)],
    [say('events'), events < 0 ? '–' : number(events)],
    [say('waiting'), number(Object.values(lag).reduce((sum, count) => sum + count, 0))],
    [say('uptime'), span(uptime_s)],
  ];
  byId('totals').replaceChildren(
    ...totals.map(([name, text]) =>
      make('div', {}, make('dt', { textContent: name }), make('dd', { textContent: text })),
    ),
  );
};

const showChannels = (all) => {
  for (const { channel, title } of all) if (title) titles.set(channel, title);
  const channels = all.filter(
    ({ accepted, duplicates, quarantined, last }) => last !== null || accepted + duplicates + quarantined > 0,
  );
  byId('channels').replaceChildren(
    ...(channels.length === 0
      ? [make('tr', {}, make('td', { colSpan: 5, className: 'quiet', textContent: say('noChannels') }))]
      : []),
    ...channels.map(({ channel, accepted, duplicates, held, last }) =>
      make(
        'tr',
        {},
        make('td', { textContent: titleOf(channel) }),
        make('td', { className: 'number', textContent: number(accepted) }),
        make('td', { className: 'number', textContent: number(duplicates) }),
        make('td', { className: held > 0 ? 'number troubled' : 'number', textContent: number(held) }),
        make('td', {}, timeOf(last, moment)),
      ),
    ),
  );
};

export const showNumbers = () => {
  if (!status) return;
  showTotals(status);
  showChannels(status.channels);
  for (const track of Object.keys(orders)) bars(track, status.stages[track] ?? {});
  byId('notice').hidden = !status.notice;
  byId('notice').textContent = status.notice ?? '';
};

const connected = (is) => {
  byId('state').textContent = say(is ? 'live' : 'away');
  byId('state').classList.toggle('away', !is);
};

/** Looks again and again; resolves when the first look is over. `onFirst`: the first that was answered. */
export const followNumbers = async (onFirst) => {
  try {
    const next = await ask('/v1/status');
    const isFirst = !status;
    if (isFirst || Date.parse(next.now) - Date.parse(status.now) > 0) previous = status;
    status = next;
    if (isFirst) onFirst();
    showNumbers();
    connected(true);
  } catch {
    connected(false);
  }
  setTimeout(followNumbers, document.hidden ? STATUS_MS * 10 : STATUS_MS, onFirst);
};
