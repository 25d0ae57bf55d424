/**
 * Holds what the platform has against what the oracle knows. Each check answers the violations it found, as text.
 */
export const checkRecord = (record, { oracle, erased, pairs, subscriber, isFinal }) => [
  ...checkIntake(record, oracle, isFinal),
  ...checkQuarantine(record, oracle),
  ...record.events.problems,
  ...checkCustomers(record, erased, pairs),
  ...checkFeed(record, subscriber),
];

/** What was acknowledged is there; what was never sent is not; each counts once. */
const checkIntake = ({ census, touchpoints: { first, records } }, oracle, isFinal) => {
  const problems = [];
  const lost = [...oracle.keys()].filter(([key, isAcked]) => (isAcked || isFinal) && !first.has(key));
  if (lost.length > 0) problems.push(`${lost.length} acknowledged touchpoints are lost, such as ${shown(lost[0][0])}`);
  const invented = [...first.keys()].filter((key) => oracle.wasAcked(key) === undefined);
  if (invented.length > 0)
    problems.push(`${invented.length} touchpoints were never sent, such as ${shown(invented[0])}`);

  const distinct = {};
  for (const { channel } of first.values()) distinct[channel] = (distinct[channel] ?? 0) + 1;
  for (const [channel, { accepted, duplicates }] of Object.entries(census.channels)) {
    const is = distinct[channel] ?? 0;
    if (accepted !== is) problems.push(`${channel}: ${accepted} counted as accepted, ${is} are in the log`);
    if (duplicates !== records[channel] - is)
      problems.push(`${channel}: ${duplicates} counted as duplicates, ${records[channel] - is} are in the log`);
  }
  if (census.touchpoints !== first.size)
    problems.push(`${census.touchpoints} touchpoints counted, ${first.size} are in the log`);
  return problems;
};

const checkQuarantine = ({ quarantined }, oracle) =>
  [...oracle.quarantined]
    .filter((marker) => !quarantined.some((text) => text.includes(marker)))
    .map((marker) => `${marker} was said to be in quarantine, and is not`);

/** Each customer's count and money are those of exactly its subjects' touchpoints; who is one customer is what was said. */
const checkCustomers = ({ touchpoints: { first }, customers, subjectOf }, erased, pairs) => {
  const problems = [];
  const expected = new Map();
  const joined = new Unions();
  for (const { type, subjects, payload } of first.values()) {
    const [subject] = subjects;
    if (subject === undefined || erased.has(subject)) continue;
    const share = expected.get(subject) ?? { touchpoints: 0, gross: {} };
    share.touchpoints += 1;
    if (type === 'order_placed') share.gross[payload.currency] = (share.gross[payload.currency] ?? 0) + payload.amount;
    expected.set(subject, share);
    for (const other of subjects) joined.join(subject, other);
  }
  for (const { one, two, isMerged, open } of pairs) {
    const [a, b] = [one, two].map(({ phone }) => subjectOf('phone', phone));
    // A command in doubt may have been carried out, or not.
    if (open === null && isMerged) joined.join(a, b);
    else if (open !== null && customers.some(({ subjects }) => subjects.includes(a) && subjects.includes(b)))
      joined.join(a, b);
  }

  const holder = new Map();
  for (const { id, subjects, touchpoints, value } of customers) {
    let count = 0;
    const gross = {};
    for (const subject of subjects) {
      if (holder.has(subject)) problems.push(`${subject} belongs to ${id} and to ${holder.get(subject)}`);
      if (erased.has(subject)) problems.push(`${subject} was erased, and belongs to ${id}`);
      holder.set(subject, id);
      const share = expected.get(subject);
      count += share?.touchpoints ?? 0;
      for (const [currency, amount] of Object.entries(share?.gross ?? {}))
        gross[currency] = (gross[currency] ?? 0) + amount;
      if (joined.of(subject) !== joined.of(subjects[0]))
        problems.push(`${id} holds two people: ${subjects[0]} and ${subject}`);
    }
    if (touchpoints !== count) problems.push(`${id} has ${touchpoints} touchpoints, and should have ${count}`);
    for (const [currency, amount] of Object.entries(gross)) {
      const text = currency === value.currency ? value.gross : value.others[currency]?.gross;
      if (Math.round(Number(text) * 10_000) !== amount)
        problems.push(`${id} has ${text} ${currency}, and should have ${amount / 10_000}`);
    }
  }
  const customersOf = new Map();
  for (const subject of expected.keys()) {
    if (!holder.has(subject)) problems.push(`${subject} has touchpoints, and no customer`);
    const root = joined.of(subject);
    if (customersOf.has(root) && customersOf.get(root) !== holder.get(subject))
      problems.push(`one person is ${customersOf.get(root)} and ${holder.get(subject)}`);
    customersOf.set(root, holder.get(subject));
  }
  return problems;
};

/** The subscriber was given each message of the feed once, in its order; per customer the sequence never falls. */
const checkFeed = ({ feed }, { received }) => {
  const problems = [];
  if (received.length !== feed.length)
    problems.push(`the subscriber has ${received.length} messages, the feed ${feed.length}`);
  const wrong = received.findIndex(({ position, id }, i) => position !== feed[i]?.position || id !== feed[i]?.id);
  if (wrong >= 0)
    problems.push(
      `message ${wrong} of the subscriber is ${received[wrong].position}, the feed has ${feed[wrong]?.position}`,
    );
  const last = new Map();
  const ids = new Set();
  for (const { id, customer, sequence } of received) {
    if (ids.has(`${customer} ${id}`)) problems.push(`message ${id} of ${customer} came twice`);
    ids.add(`${customer} ${id}`);
    if (sequence < (last.get(customer) ?? 0))
      problems.push(`${customer} goes from sequence ${last.get(customer)} to ${sequence}`);
    last.set(customer, sequence);
  }
  return problems;
};

/** What the warehouse holds: each accepted touchpoint once, but for those of whom was erased. */
export const checkWarehouse = (rows, { touchpoints: { first } }, erased) => {
  const problems = [];
  const expected = new Set([...first].filter(([, { subjects }]) => !erased.has(subjects[0])).map(([key]) => key));
  const held = new Set();
  for (const [channel, messageId] of rows) {
    const key = `${channel}\0${messageId}`;
    if (held.has(key)) problems.push(`raw_touchpoints holds ${shown(key)} twice`);
    else if (!expected.has(key)) problems.push(`raw_touchpoints holds ${shown(key)}, which should not be there`);
    held.add(key);
  }
  const missing = [...expected].filter((key) => !held.has(key));
  if (missing.length > 0) problems.push(`raw_touchpoints lacks ${missing.length}, such as ${shown(missing[0])}`);
  return problems;
};

const shown = (key) => key.replace('\0', '/');

/** Who has been tied to whom. */
class Unions {
  #parent = new Map();

  of(item) {
    let root = item;
    while (this.#parent.has(root)) root = this.#parent.get(root);
    for (let at = item; at !== root;) {
      const next = this.#parent.get(at);
      this.#parent.set(at, root);
      at = next;
    }
    return root;
  }

  join(a, b) {
    const [x, y] = [this.of(a), this.of(b)];
    if (x !== y) this.#parent.set(x, y);
  }
}
