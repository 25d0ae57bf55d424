import { beforeEach, expect, test } from '@jest/globals';
import { type CustomerId, DAY_MS, namesakeOf } from '@tributary/kernel';
import { type TimelineEntry } from '../api.js';
import { InvalidPosition } from '../errors.js';
import { NOON, Town } from '../testing/town.js';

const LIN = [['phone', '+8613912345678']] as const;
const ONLINE = [['email', 'lin@example.com']] as const;

let town: Town;
let lin: CustomerId;
beforeEach(() => {
  town = new Town();
  lin = town.named(...LIN[0]);
});

const all = async (id: CustomerId, limit = 200): Promise<TimelineEntry[]> => {
  const entries: TimelineEntry[] = [];
  for (let before: string | null | undefined; before !== null;) {
    const page = (await town.profiles.timeline(id, before === undefined ? { limit } : { limit, before }))!;
    expect(page.entries.length).toBeLessThanOrEqual(limit);
    entries.push(...page.entries);
    before = page.next;
  }
  return entries;
};

test('facts, behaviour and decisions stand in event time, newest first', async () => {
  await town.take(
    town.order(LIN, NOON - 3 * DAY_MS, 'o1', 10),
    town.view(LIN, NOON - DAY_MS, 'tea'),
    town.view(LIN, NOON - 2 * DAY_MS, 'tea'),
  );
  const entries = await all(lin);
  expect(entries.map(({ kind }) => kind)).toEqual(['behaviour', 'decision', 'fact']);
  expect(entries[0]).toMatchObject({
    at: new Date(NOON - DAY_MS).toISOString(),
    channel: 'app',
    detail: { counts: [{ type: 'page_viewed', label: 'tea', count: 2 }] },
  });
  expect(entries[2]).toMatchObject({
    type: 'order_placed',
    detail: { amount: '10.00', lines: [{ unitPrice: '10.00' }] },
    source: { partition: 0 },
  });
});

test('pages of any size make up the whole, each entry once', async () => {
  const orders = Array.from({ length: 23 }, (_, i) => town.order(LIN, NOON - (i % 5) * DAY_MS, `o${i}`, 1));
  await town.take(...orders);
  const whole = await all(lin);
  for (const limit of [1, 4, 7, 100]) expect(await all(lin, limit)).toEqual(whole);
  expect(new Set(whole.map(({ id }) => id)).size).toBe(whole.length);
});

test('a merge brings the other side in, an unmerge takes it out; both see the word that was said', async () => {
  await town.take(town.order(LIN, NOON - 9, 'o1', 1), town.order(ONLINE, NOON - 8, 'o2', 2));
  const email = town.named(...ONLINE[0]);
  const orders = async (id: CustomerId) =>
    (await all(id)).filter(({ kind }) => kind === 'fact').map(({ detail }) => (detail as { orderId: string }).orderId);
  await town.manual('merge', namesakeOf(lin), namesakeOf(email));
  expect(await orders(email)).toEqual(['o2', 'o1']);
  await town.manual('keep_apart', namesakeOf(lin), namesakeOf(email));
  expect(await orders(email)).toEqual(['o2']);
  expect(await orders(lin)).toEqual(['o1']);
  for (const id of [lin, email]) {
    const types = (await all(id)).map(({ type }) => type);
    expect(types.filter((type) => type === 'ManualLinkMade')).toHaveLength(2);
    expect(types).toContain('SubjectsReleased');
  }
});

test('a cursor that was never given out is refused; a stranger has no timeline', async () => {
  await town.take(town.order(LIN, NOON, 'o1', 1));
  await expect(town.profiles.timeline(lin, { limit: 5, before: 'yesterday' })).rejects.toThrow(InvalidPosition);
  expect(await town.profiles.timeline(town.named('email', 'x@example.com'), { limit: 5 })).toBeUndefined();
});

test('a transition that a late fact took back says so; those that do not are the course of today', async () => {
  await town.take(town.order(LIN, NOON - 3 * DAY_MS, 'o1', 10));
  await town.take(town.order(LIN, NOON - 9 * DAY_MS, 'o2', 10), town.order(LIN, NOON - 2 * DAY_MS, 'o3', 10));
  type Shown = { readonly track: string; readonly to: string; readonly withdrawn?: true };
  const shown = (await all(lin))
    .filter(({ type }) => type.startsWith('Course'))
    .reverse()
    .flatMap(({ detail }) => (detail as { readonly transitions: readonly Shown[] }).transitions);
  const { lifecycle } = (await town.profiles.get(lin))!;
  const standing = shown.filter(({ withdrawn }) => !withdrawn);
  expect(standing.length).toBeLessThan(shown.length);
  for (const track of ['buyer', 'relationship'] as const)
    expect(standing.findLast((each) => each.track === track)?.to).toBe(lifecycle[track]?.stage);
});

test('a long history gives other reads their turn while it is read', async () => {
  await town.take(...Array.from({ length: 4_500 }, (_, i) => town.traits(LIN, NOON - i * 1_000, { name: `N${i}` })));
  let turns = 0;
  let next: NodeJS.Immediate;
  const turn = (): void => {
    turns += 1;
    next = setImmediate(turn);
  };
  next = setImmediate(turn);
  expect((await town.profiles.timeline(lin, { limit: 5 }))?.entries).toHaveLength(5);
  clearImmediate(next);
  expect(turns).toBeGreaterThanOrEqual(2);
});
