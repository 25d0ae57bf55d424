import { words } from '/console/words.js';

const STATUS_MS = 1000;
const CHANGES = 60;

const byId = (id) => document.getElementById(id);
let language = localStorage.getItem('language') ?? (navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en');

const say = (key) => words[language][key] ?? words.en[key] ?? key;
// Names come from data: `constructor` is in every object, and no word of ours.
const wordIn = (map, name) => (Object.hasOwn(map, name) ? map[name] : undefined);
const spoken = (map, name) =>
  wordIn(words[language][map], name) ?? wordIn(words.en[map], name) ?? name.replaceAll('_', ' ');
/** As its channel file calls it, as far as the status has told. */
const titles = new Map();
const titleOf = (channel) => titles.get(channel)?.[language] ?? channel.replaceAll('_', ' ');
const locale = () => (language === 'zh' ? 'zh-CN' : navigator.language.startsWith('zh') ? 'en' : navigator.language);

const number = (value) => new Intl.NumberFormat(locale()).format(value);
const money = (text, currency) =>
  currency
    ? new Intl.NumberFormat(locale(), { style: 'currency', currency, currencyDisplay: 'narrowSymbol' }).format(text)
    : text;
const day = (text) => (text ? new Intl.DateTimeFormat(locale(), { dateStyle: 'medium' }).format(new Date(text)) : '–');
const moment = (text) =>
  text ? new Intl.DateTimeFormat(locale(), { dateStyle: 'medium', timeStyle: 'medium' }).format(new Date(text)) : '–';
const span = (seconds) => {
  const [d, h, m] = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
  if (d > 0) return `${d} ${say('days')} ${h} ${say('hours')}`;
  if (h > 0) return `${h} ${say('hours')} ${m} ${say('minutes')}`;
  return m > 0 ? `${m} ${say('minutes')}` : `${seconds} ${say('seconds')}`;
};

/** Text only ever enters the page as text: what customers wrote is never read as markup. */
const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
};
const timeOf = (text, as = moment) => make('time', { dateTime: text ?? '', textContent: as(text) });

const ask = async (path) => {
  const response = await fetch(path, { headers: { accept: 'application/json' } });
  const body = await response.json();
  if (!response.ok)
    throw Object.assign(new Error(body.error?.message ?? response.statusText), {
      status: response.status,
      code: body.error?.code,
      remedy: body.error?.remedy,
    });
  return body;
};

// ——— Numbers

const orders = {
  relationship: ['acquisition', 'growth', 'maturity', 'decline', 'exit'],
  buyer: ['prospect', 'first_time', 'repeat', 'loyal'],
  tier: ['bronze', 'silver', 'gold', 'platinum'],
};
const waning = new Set(['decline', 'exit']);

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
      const share =
        total === 0
          ? ''
          : ` ${new Intl.NumberFormat(locale(), { style: 'percent', maximumFractionDigits: 0 }).format(count / total)}`;
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

let status;
let previous;

const showStatus = () => {
  if (!status) return;
  const { stages, customers, touchpoints, events, lag, uptime_s, notice } = status;
  for (const { channel, title } of status.channels) if (title) titles.set(channel, title);
  const channels = status.channels.filter(
    ({ accepted, duplicates, quarantined, last }) => last !== null || accepted + duplicates + quarantined > 0,
  );
  const elapsed_s = previous ? (Date.parse(status.now) - Date.parse(previous.now)) / 1000 : 0;
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
        make('td', {}, timeOf(last)),
      ),
    ),
  );
  for (const track of Object.keys(orders)) bars(track, stages[track] ?? {});
  byId('notice').hidden = !notice;
  byId('notice').textContent = notice ?? '';
};

const ANY_TYPE = '';

const showTypes = () => {
  const select = byId('find-type');
  const chosen = select.value;
  select.replaceChildren(
    make('option', { value: ANY_TYPE, textContent: say('anyType') }),
    ...(status?.identifierTypes ?? []).map((type) =>
      make('option', { value: type, textContent: spoken('types', type) }),
    ),
  );
  select.value = (status?.identifierTypes ?? []).includes(chosen) ? chosen : ANY_TYPE;
};

const connected = (is) => {
  byId('state').textContent = say(is ? 'live' : 'away');
  byId('state').classList.toggle('away', !is);
};

const look = async () => {
  try {
    const next = await ask('/v1/status');
    if (!status || Date.parse(next.now) - Date.parse(status.now) > 0) previous = status;
    const first = !status;
    status = next;
    if (first) showTypes();
    showStatus();
    connected(true);
  } catch {
    connected(false);
  }
  setTimeout(look, document.hidden ? STATUS_MS * 10 : STATUS_MS);
};

// ——— Recent changes

const changes = [];

const detailOf = ({ type, data }) => {
  if (type === 'tributary.stage.entered.v1' || type === 'tributary.tier.entered.v1')
    return `${spoken('kinds', type)} ${data.from ? `${spoken('stages', data.from)} → ` : ''}${spoken('stages', data.to)}`;
  if (type === 'tributary.profile.updated.v1' && data.touchpoints)
    return `${spoken('kinds', type)}: ${Object.entries(data.touchpoints)
      .map(([name, count]) => `${spoken('types', name)}${count > 1 ? ` × ${count}` : ''}`)
      .join(', ')}`;
  return spoken('kinds', type);
};

const idButton = (id) =>
  make('button', {
    type: 'button',
    className: 'plain',
    textContent: `${id.slice(0, 10)}…`,
    title: id,
    onclick: () => void open(id),
  });

const showChanges = () =>
  byId('changes').replaceChildren(
    ...(changes.length === 0 ? [make('li', { className: 'quiet', textContent: say('noChanges') })] : []),
    ...changes.map((event) =>
      make('li', {}, timeOf(event.time), make('span', { textContent: detailOf(event) }), idButton(event.subject)),
    ),
  );

const follow = () => {
  const source = new EventSource(`/v1/profile-events?from=-${CHANGES}`);
  let drawn = false;
  const take = ({ data }) => {
    changes.unshift(JSON.parse(data));
    changes.length = Math.min(changes.length, CHANGES);
    if (drawn) return;
    drawn = true;
    requestAnimationFrame(() => {
      drawn = false;
      showChanges();
    });
  };
  for (const type of Object.keys(words.en.kinds)) source.addEventListener(type, take);
  // A browser gives up by itself only where the server refused: the next look at the numbers says why.
  source.onerror = () => source.readyState === EventSource.CLOSED && setTimeout(follow, STATUS_MS * 5);
};

// ——— A customer

let shown;

const value = (path, text) =>
  make('button', {
    type: 'button',
    className: 'value',
    textContent: text,
    title: say('why'),
    onclick: () => void explain(path, text),
  });

const facts = (title, rows) => {
  const there = rows.filter(([, child]) => child !== null && child !== undefined);
  if (there.length === 0) return null;
  return make(
    'div',
    {},
    make('h3', { textContent: title }),
    make('dl', {}, ...there.flatMap(([name, child]) => [make('dt', { textContent: name }), make('dd', {}, child)])),
  );
};

const MOST_SHOWN = 8;
/** A list in short: what is left out of it is counted, and shown to whoever asks for it. */
const shortened = (list, rows) => {
  if (rows.length <= MOST_SHOWN + 1 || shown.whole?.has(list)) return rows;
  const rest = make('button', {
    type: 'button',
    className: 'value',
    textContent: number(rows.length - MOST_SHOWN),
    title: say('showAll'),
    onclick: () => {
      shown = { ...shown, whole: new Set([...(shown.whole ?? []), list]) };
      showCustomer();
    },
  });
  return [...rows.slice(0, MOST_SHOWN), [say('others'), rest]];
};

/** Rows in the order in which `known` names them; the others behind, as they came. */
const inOrder = (rows, nameOf, known) => {
  const place = (row) => (known.includes(nameOf(row)) ? known.indexOf(nameOf(row)) : known.length);
  return [...rows].sort((a, b) => place(a) - place(b));
};
/** The server names the types of identifiers so: a dozen cookies must not hide the telephone. */
const strongestFirst = (identifiers) => inOrder(identifiers, ({ type }) => type, status?.identifierTypes ?? []);
const nearestFirst = (traits) =>
  inOrder(traits, ([name]) => name, ['name', 'gender', 'birthday', 'phone', 'email', 'occupation', 'company', 'city']);

const standing = (profile, track) => {
  const at = profile.lifecycle[track];
  if (!at) return null;
  const badge = value(`lifecycle.${track}.stage`, spoken('stages', at.stage));
  badge.className = 'badge';
  return badge;
};

const profileView = (profile) => {
  const { value: worth, activity, traits } = profile;
  const others = Object.entries(worth.others);
  const inCurrency = (currency) => `${say('value')} · ${currency}`;
  // Days and dates are of all purchases, whatever they were paid in.
  const ofAll = (words) => (others.length > 0 ? `${words} (${say('anyCurrency')})` : words);
  return make(
    'div',
    { className: 'card' },
    make(
      'div',
      { className: 'who' },
      make('h2', { textContent: traits.name ?? say('unnamed'), tabIndex: -1 }),
      standing(profile, 'relationship'),
      standing(profile, 'buyer'),
      standing(profile, 'tier'),
      make('button', { type: 'button', textContent: say('close'), onclick: closeCustomer }),
    ),
    make('p', { className: 'quiet' }, make('code', { textContent: profile.customerId }), ` · ${say('explainHint')}`),
    make(
      'div',
      { className: 'facts' },
      facts(others.length > 0 ? inCurrency(worth.currency) : say('value'), [
        [say('net'), value('value.net', money(worth.net, worth.currency))],
        [say('gross'), value('value.gross', money(worth.gross, worth.currency))],
        [say('purchases'), value('value.purchases', number(worth.purchases))],
        [ofAll(say('purchaseDays')), value('value.purchaseDays', number(worth.purchaseDays))],
        [say('averageOrder'), value('value.averageOrder', money(worth.averageOrder, worth.currency))],
        [ofAll(say('lastPurchase')), value('value.lastPurchase', day(worth.lastPurchase))],
        [ofAll(say('recencyDays')), worth.recencyDays === null ? null : number(worth.recencyDays)],
      ]),
      ...others.map(([currency, other]) =>
        facts(inCurrency(currency), [
          [say('net'), value(`value.others.${currency}.net`, money(other.net, currency))],
          [say('gross'), value(`value.others.${currency}.gross`, money(other.gross, currency))],
          [say('purchases'), value(`value.others.${currency}.purchases`, number(other.purchases))],
        ]),
      ),
      facts(
        say('identifiers'),
        shortened(
          'identifiers',
          strongestFirst(profile.identifiers).map(({ type, value: text }) => [
            spoken('types', type),
            value('identifiers', text),
          ]),
        ),
      ),
      facts(
        say('traits'),
        shortened(
          'traits',
          nearestFirst(Object.entries(traits)).map(([name, text]) => [
            spoken('traitNames', name),
            value(`traits.${name}`, name === 'gender' ? spoken('genders', String(text)) : text),
          ]),
        ),
      ),
      facts(say('activity'), [
        [say('touchpoints'), value('activity.touchpoints', number(activity.touchpoints))],
        [say('first'), value('activity.first', day(activity.first))],
        [say('lastSeen'), value('activity.last', day(activity.last))],
        [say('channelsUsed'), Object.keys(activity.channels).map(titleOf).join(', ')],
        [say('subjects'), value('subjects', number(profile.subjects.length))],
      ]),
    ),
    make('h3', { textContent: say('timeline') }),
    timelineList(),
    make('button', { type: 'button', textContent: say('more'), hidden: !shown.next, onclick: () => void older() }),
  );
};

const brief = (detail) => {
  if (detail === null || typeof detail !== 'object') return '';
  if (Array.isArray(detail.counts)) {
    const counts = new Map();
    for (const { type, count } of detail.counts) counts.set(type, (counts.get(type) ?? 0) + count);
    return [...counts].map(([type, count]) => `${spoken('types', type)} × ${number(count)}`).join(', ');
  }
  const {
    amount,
    currency,
    topic,
    outcome,
    orderId,
    name,
    path,
    query,
    title,
    score,
    survey,
    rating,
    ticketId,
    to,
    transitions,
  } = detail;
  if (Array.isArray(transitions)) {
    const standing = transitions.filter(({ withdrawn }) => !withdrawn);
    const stages = (standing.length > 0 ? standing : transitions).map(({ to }) => spoken('stages', to)).join(', ');
    return standing.length > 0 || stages === '' ? stages : `${stages} (${say('withdrawn')})`;
  }
  // Of an effort score a 2 is good, of a satisfaction score bad.
  const answer = typeof survey === 'string' ? `${survey.toUpperCase()} ${score}` : score;
  const parts = [orderId ?? ticketId ?? name ?? title ?? path ?? query ?? topic, outcome, answer ?? rating, to];
  if (typeof amount === 'string') parts.push(money(amount, currency));
  else if (typeof amount === 'number') parts.push(money(amount / 10000, currency));
  return parts.filter((part) => part !== undefined && part !== null).join(' · ');
};

const timelineList = () =>
  make(
    'ol',
    { className: 'timeline' },
    ...shown.entries.map((entry) =>
      make(
        'li',
        {},
        timeOf(entry.at),
        make(
          'span',
          {},
          spoken('types', entry.type),
          ' ',
          make('span', { className: 'quiet', textContent: brief(entry.detail) }),
        ),
        make('span', {
          className: 'quiet',
          textContent: entry.channel ? titleOf(entry.channel) : say(entry.kind),
        }),
      ),
    ),
  );

const showCustomer = () => {
  const section = byId('customer');
  section.hidden = !shown;
  section.replaceChildren(
    ...(!shown
      ? []
      : [
          shown.failure
            ? make('p', { className: 'card failed', textContent: shown.failure })
            : profileView(shown.profile),
        ]),
  );
};

const load = async (profile) => {
  history.replaceState(null, '', `#${profile.customerId}`);
  const { entries, next } = await ask(`/v1/customers/${profile.customerId}/timeline?limit=20`);
  shown = { profile, entries, next };
  showCustomer();
  byId('customer').querySelector('h2')?.focus();
  byId('customer').scrollIntoView({ block: 'nearest' });
};

/** What often goes wrong is said in the language of the page; the rest as the API says it. */
const saidOf = ({ status: answered, code, message, remedy }) => {
  if (answered === 404) return say('nobody');
  if (code === 'invalid_identifier') return say('noSuchValue');
  return [message, remedy].filter(Boolean).join(' — ');
};

const attempt = async (work) => {
  try {
    await work();
  } catch (error) {
    shown = {
      failure: saidOf(error),
    };
    showCustomer();
  }
};

const open = (id) => attempt(async () => load(await ask(`/v1/customers/${id}`)));

const older = () =>
  attempt(async () => {
    const { entries, next } = await ask(
      `/v1/customers/${shown.profile.customerId}/timeline?limit=20&before=${encodeURIComponent(shown.next)}`,
    );
    shown = { ...shown, entries: [...shown.entries, ...entries], next };
    showCustomer();
  });

const isCustomerId = (text) => /^c_[0-9a-f]{32}$/.test(text);

/** `/#c_…` is a customer's address. */
const openAddressed = () => {
  const id = location.hash.slice(1);
  if (isCustomerId(id)) void open(id);
};
window.addEventListener('hashchange', openAddressed);

const closeCustomer = () => {
  shown = undefined;
  history.replaceState(null, '', location.pathname);
  showCustomer();
  byId('find-value').focus();
};

const shortJson = (of) => {
  if (of === undefined || of === null) return '–';
  const text = typeof of === 'string' ? of : JSON.stringify(of);
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
};

/** By its code, too: one sign stands for several currencies. */
const explained = (value, currency) => (currency ? `${money(value, currency)} ${currency}` : shortJson(value));

/** What happened, when, and where in the log it stands. */
const placeOf = ({ type, at, source }) => [
  spoken('types', type),
  ' · ',
  timeOf(at),
  source ? ` · ${source.topic}/${source.partition}/${source.offset}` : '',
];

/** A stage by its word; anything else as it is. */
const inWords = (path, value, currency) =>
  path.endsWith('.stage') && typeof value === 'string' ? spoken('stages', value) : explained(value, currency);

const explain = async (path, text) => {
  const dialog = make('dialog', { ariaLabel: `${say('why')} ${path}` });
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  const head = make(
    'div',
    { className: 'who' },
    make('h2', { textContent: text }),
    make('code', { textContent: path }),
    make('button', { type: 'button', textContent: say('close'), onclick: () => dialog.close() }),
  );
  dialog.append(head);
  dialog.showModal();
  try {
    const { steps, rules, omitted } = await ask(
      `/v1/customers/${shown.profile.customerId}/explain?path=${encodeURIComponent(path)}`,
    );
    dialog.append(
      make('p', { className: 'quiet', textContent: rules ? `${say('rules')}: ${rules}` : say('fromFacts') }),
      make(
        'ol',
        {},
        ...[...steps]
          .reverse()
          .map(({ before, after, currencyBefore, currency, at, cause, because }) =>
            make(
              'li',
              {},
              make('strong', { textContent: inWords(path, after, currency) }),
              make(
                'div',
                { className: 'quiet' },
                timeOf(at),
                ` · ${say('before')}: ${inWords(path, before, currencyBefore)}`,
              ),
              make('div', { className: 'quiet' }, `${say('because')} `, ...placeOf(because[0] ?? cause)),
            ),
          ),
      ),
    );
    if (omitted > 0)
      dialog.append(make('p', { className: 'quiet', textContent: `+ ${number(omitted)} ${say('omitted')}` }));
  } catch (error) {
    dialog.append(
      make('p', { className: 'failed', textContent: [error.message, error.remedy].filter(Boolean).join(' — ') }),
    );
  }
};

const findBy = (identifier_type, identifier_value) =>
  ask(`/v1/customers?${new URLSearchParams({ identifier_type, identifier_value })}`);

/** Of all whom the value names, the one by its strongest kind: what is no value of a kind names nobody by it. */
const findByAny = async (text) => {
  if (isCustomerId(text)) return ask(`/v1/customers/${text}`);
  const answers = await Promise.allSettled((status?.identifierTypes ?? []).map((type) => findBy(type, text)));
  const found = answers.find((answer) => answer.status === 'fulfilled');
  if (found) return found.value;
  const failures = answers.map(({ reason }) => reason);
  throw (
    failures.find(({ status: answered, code }) => answered !== 404 && code !== 'invalid_identifier') ??
    Object.assign(new Error(), { status: 404 })
  );
};

byId('find').addEventListener('submit', (event) => {
  event.preventDefault();
  const [type, text] = [byId('find-type').value, byId('find-value').value.trim()];
  void attempt(async () => load(await (type === ANY_TYPE ? findByAny(text) : findBy(type, text))));
});

// ——— Language

const speak = () => {
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  for (const element of document.querySelectorAll('[data-say]')) element.textContent = say(element.dataset.say);
  byId('language').textContent = say('other');
  byId('language').lang = language === 'zh' ? 'en' : 'zh-CN';
  byId('find-value').placeholder = language === 'zh' ? '例如 13900001111' : '+86 139 0000 1111';
  showTypes();
  showStatus();
  showChanges();
  if (shown) showCustomer();
};

byId('language').addEventListener('click', () => {
  language = language === 'zh' ? 'en' : 'zh';
  localStorage.setItem('language', language);
  speak();
});

speak();
follow();
// The status names channels and types of identifiers: a customer that is shown before it has them as the file names them.
void look().then(openAddressed);
