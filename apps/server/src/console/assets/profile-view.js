import { brief } from './brief.js';
import { make, timeOf } from './dom.js';
import { day, listed, moment, number, say, spoken } from './language.js';
import { nearestFirst, shortened, strongestFirst } from './lists.js';
import { identifierTypes, titleOf } from './numbers.js';
import { worthOf } from './worth.js';

const facts = (title, rows, className = '') => {
  const there = rows.filter(([, child]) => child !== null && child !== undefined);
  if (there.length === 0) return null;
  return make(
    'div',
    {},
    make('h3', { textContent: title }),
    make(
      'dl',
      { className },
      ...there.flatMap(([name, child]) => [make('dt', { textContent: name }), make('dd', {}, child)]),
    ),
  );
};

const timelineOf = (entries) =>
  make(
    'ol',
    { className: 'timeline' },
    ...entries.map((entry) =>
      make(
        'li',
        { tabIndex: -1 },
        timeOf(entry.at, moment),
        make(
          'span',
          {},
          spoken('types', entry.type),
          ' ',
          make('span', { className: 'quiet', textContent: brief(entry.detail) }),
        ),
        make('span', { className: 'quiet', textContent: entry.channel ? titleOf(entry.channel) : say(entry.kind) }),
      ),
    ),
  );

/**
 * A customer, with what may be done there: `explain(path, text)`, `showAll(list)`, `older()` and `close()`.
 * `whole`: the lists of which all is shown.
 */
export const profileView = ({ profile, entries, next, whole }, { explain, showAll, older, close }) => {
  const { value: worth, activity, traits, lifecycle } = profile;
  const button = (textContent, title, onclick) =>
    make('button', { type: 'button', className: 'value', textContent, title, onclick });
  const value = (path, text) => button(text, say('why'), () => void explain(path, text));
  const explained = ([name, text, path]) => [name, path === null || text === null ? text : value(path, text)];
  const standing = (track) => {
    const at = lifecycle[track];
    if (!at) return null;
    return Object.assign(value(`lifecycle.${track}.stage`, spoken('stages', at.stage)), { className: 'badge' });
  };
  const inShort = (list, all) => {
    const { rows, leftOut } = whole.has(list) ? { rows: all, leftOut: 0 } : shortened(all);
    return leftOut === 0
      ? rows
      : [...rows, [say('others'), button(number(leftOut), say('showAll'), () => showAll(list))]];
  };
  const identifierRow = ({ type, value: text }) => [spoken('types', type), value('identifiers', text)];
  const traitRow = ([name, text]) => [
    spoken('traitNames', name),
    value(`traits.${name}`, name === 'gender' ? spoken('genders', String(text)) : text),
  ];
  return make(
    'div',
    { className: 'card' },
    make(
      'div',
      { className: 'who' },
      make('h2', { textContent: traits.name ?? say('unnamed'), tabIndex: -1 }),
      ...['relationship', 'buyer', 'tier'].map(standing),
      make('button', { type: 'button', textContent: say('close'), onclick: close }),
    ),
    make('p', { className: 'quiet' }, make('code', { textContent: profile.customerId }), ` · ${say('explainHint')}`),
    make(
      'div',
      { className: 'facts' },
      ...worthOf(worth).map(([title, rows]) => facts(title, rows.map(explained))),
      facts(
        say('identifiers'),
        inShort('identifiers', strongestFirst(profile.identifiers, identifierTypes()).map(identifierRow)),
        'identifiers',
      ),
      facts(say('traits'), inShort('traits', nearestFirst(Object.entries(traits)).map(traitRow)), 'traits'),
      facts(say('activity'), [
        [say('touchpoints'), value('activity.touchpoints', number(activity.touchpoints))],
        [say('first'), value('activity.first', day(activity.first))],
        [say('lastSeen'), value('activity.last', day(activity.last))],
        [say('channelsUsed'), listed(Object.keys(activity.channels).map(titleOf))],
        [say('subjects'), value('subjects', number(profile.subjects.length))],
      ]),
    ),
    make('h3', { textContent: say('timeline') }),
    timelineOf(entries),
    make('button', { type: 'button', textContent: say('more'), hidden: !next, onclick: () => void older() }),
  );
};
