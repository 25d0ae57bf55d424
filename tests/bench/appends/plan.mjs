/**
 * What both event stores are given: the same streams in the same order, events of the same size, each append at the
 * expected revision. `together`: batches as our pipeline writes them, one commit a batch. `apart`: one append after the
 * other, each durable before the next, as a command handler appends.
 */
export const APPENDS_A_BATCH = 500;
export const EVENTS_AN_APPEND = 2;
const STREAMS = 20_000;

const content = 'x'.repeat(300);
export const eventType = 'OrderPlaced';
export const eventData = (n) => ({ orderId: `o-${n}`, amount: 1_234_500, currency: 'CNY', content });

/** Appends in order; `revision` is that of the stream's last event before it, -1 for a new stream. */
export const plan = (appends) => {
  const last = new Map();
  return Array.from({ length: appends }, (_, n) => {
    // A stride without a common divisor: each stream comes up once in so many appends.
    const stream = `subject-${(n * 7_919) % STREAMS}`;
    const revision = last.get(stream) ?? -1;
    last.set(stream, revision + EVENTS_AN_APPEND);
    return { n, stream, revision };
  });
};

export const inBatches = (appends) => {
  const batches = [];
  for (let i = 0; i < appends.length; i += APPENDS_A_BATCH) batches.push(appends.slice(i, i + APPENDS_A_BATCH));
  return batches;
};

/** Events a second of `append` over the parts, after the first tenth of them, which warms up. */
export const rateOf = async (parts, eventsOf, append) => {
  const warm = Math.ceil(parts.length / 10);
  for (const part of parts.slice(0, warm)) await append(part);
  const rest = parts.slice(warm);
  const began = performance.now();
  for (const part of rest) await append(part);
  return rest.reduce((sum, part) => sum + eventsOf(part), 0) / ((performance.now() - began) / 1_000);
};

/** Runs both shapes on an empty store; prints the rates. */
export const measure = async (open) => {
  const [, , dir, together, apart] = process.argv;
  const rates = {};
  for (const [shape, appends, partsOf] of [
    ['together', Number(together), inBatches],
    ['apart', Number(apart), (all) => all.map((one) => [one])],
  ]) {
    const store = await open(`${dir}/${shape}`);
    rates[shape] = await rateOf(partsOf(plan(appends)), (part) => part.length * EVENTS_AN_APPEND, store.append);
    const { last } = plan(appends).reduce((seen, { stream }) => ({ last: stream, seen }), {});
    if ((await store.lengthOf(last)) < EVENTS_AN_APPEND) throw new Error('the store did not keep what it was given');
    await store.close();
  }
  process.stdout.write(`${JSON.stringify(rates)}\n`);
};
