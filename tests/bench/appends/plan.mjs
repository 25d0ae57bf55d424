/**
 * What both event stores are given: the same streams in the same order, events of the same size, each append at the
 * expected revision. `together`: batches as our pipeline writes them, one commit a batch. `at_once`: as many callers at
 * once, each with an append of its own, which a store may commit together. `one_by_one`: one append after the other, each
 * durable before the next, as a lone command handler appends.
 */
const APPENDS_A_BATCH = 500;
export const EVENTS_AN_APPEND = 2;
const APPENDS_A_STREAM = 5;

const content = 'x'.repeat(300);
export const eventType = 'OrderPlaced';
export const eventData = (n) => ({ orderId: `o-${n}`, amount: 1_234_500, currency: 'CNY', content });

/** Appends in order; `revision` is that of the stream's last event before it, -1 for a new stream. */
const plan = (appends) => {
  const last = new Map();
  const streams = Math.ceil(appends / APPENDS_A_STREAM);
  return Array.from({ length: appends }, (_, n) => {
    // A stride without a common divisor: each stream comes up again when all the others have.
    const stream = `subject-${(n * 7_919) % streams}`;
    const revision = last.get(stream) ?? -1;
    last.set(stream, revision + EVENTS_AN_APPEND);
    return { n, stream, revision };
  });
};

const inBatches = (appends) => {
  const batches = [];
  for (let i = 0; i < appends.length; i += APPENDS_A_BATCH) batches.push(appends.slice(i, i + APPENDS_A_BATCH));
  return batches;
};
const oneByOne = (appends) => appends.map((append) => [append]);

/** What a store is asked for: `append` resolves when a whole part is durable. */
const shapes = [
  { shape: 'together', partsOf: inBatches, method: 'together', count: 'many' },
  { shape: 'at_once', partsOf: inBatches, method: 'atOnce', count: 'many' },
  { shape: 'one_by_one', partsOf: oneByOne, method: 'together', count: 'few' },
];

/** Events a second, and CPU of the process an event, after the first tenth of the parts, which warms up. */
const timed = async (parts, append) => {
  const warm = Math.ceil(parts.length / 10);
  for (const part of parts.slice(0, warm)) await append(part);
  const rest = parts.slice(warm);
  const cpuBefore = process.cpuUsage();
  const began = performance.now();
  for (const part of rest) await append(part);
  const seconds = (performance.now() - began) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const events = rest.reduce((sum, part) => sum + part.length * EVENTS_AN_APPEND, 0);
  return { rate: events / seconds, cpu_us: (user + system) / events };
};

/** Runs each shape that the store has on an empty store of its own; prints what it took. */
export const measure = async (open) => {
  const [, , dir, many, few] = process.argv;
  const found = {};
  for (const { shape, partsOf, method, count } of shapes) {
    const store = await open(`${dir}/${shape}`);
    if (store[method] !== undefined) {
      const appends = plan(Number(count === 'many' ? many : few));
      found[shape] = await timed(partsOf(appends), store[method]);
      const { stream, revision } = appends[appends.length - 1];
      if ((await store.lengthOf(stream)) !== revision + 1 + EVENTS_AN_APPEND)
        throw new Error('the store did not keep what it was given');
    }
    await store.close();
  }
  process.stdout.write(`${JSON.stringify(found)}\n`);
};
