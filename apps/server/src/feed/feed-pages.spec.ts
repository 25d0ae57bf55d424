import { expect, test } from '@jest/globals';
import { FEED_TOPIC } from '@tributary/domain';
import { CustomerId, type Log } from '@tributary/kernel';
import { memoryStore } from '@tributary/kernel/memory';
import { FeedPages } from './feed-pages.js';

const A = CustomerId(`c_${'a'.repeat(32)}`);
const B = CustomerId(`c_${'b'.repeat(32)}`);
const stage = 'tributary.stage.entered.v1';
const updated = 'tributary.profile.updated.v1';

const begun = async () => {
  const { log } = memoryStore();
  await log.ensureTopics([{ name: FEED_TOPIC, partitions: 1 }]);
  let [reads, told] = [0, 0];
  const tell = (type: string, customerId: CustomerId) => {
    told += 1;
    const message = { id: String(told), type, customerId, at: '2026-01-01T00:00:00.000Z', sequence: told, data: {} };
    const value = Buffer.from(JSON.stringify(message));
    return log.append([{ topic: FEED_TOPIC, records: [{ key: customerId, value, timestamp_ms: 0 }] }]);
  };
  const counted: Log = {
    ensureTopics: (topics) => log.ensureTopics(topics),
    append: (appends) => log.append(appends),
    partitions: (topic) => log.partitions(topic),
    committed: (group, at) => log.committed(group, at),
    consume: (consumption) => log.consume(consumption),
    truncate: (at, before) => log.truncate(at, before),
    read: (at, from, most) => {
      reads += 1;
      return log.read(at, from, most);
    },
  };
  return { pages: new FeedPages(counted), tell, reads: () => reads };
};

const idsIn = ({ bytes }: { readonly bytes: Buffer }) =>
  [...bytes.toString().matchAll(/"id":"(\d+)"/g)].map(([, id]) => Number(id));

test('all who stand at one place are told of one reading, and those who come a little later', async () => {
  const { pages, tell, reads } = await begun();
  await tell(stage, A);
  await tell(updated, B);
  const told = await Promise.all([1, 2, 3].map(() => pages.after('0:-1', {})));
  const once = reads();
  expect(told.map(idsIn)).toEqual([
    [1, 2],
    [1, 2],
    [1, 2],
  ]);
  expect(told[0]).toMatchObject({ next: '0:1', atEnd: true });
  expect(idsIn(await pages.after('0:-1', { types: new Set([stage]) }))).toEqual([1]);
  expect(idsIn(await pages.after('0:-1', { customerId: B }))).toEqual([2]);
  expect(reads()).toBe(once);
});

test('what has come since is the next page; of nothing nothing is kept', async () => {
  const { pages, tell } = await begun();
  expect(await pages.after('0:-1', {})).toMatchObject({ bytes: Buffer.alloc(0), next: '0:-1', atEnd: true });
  await tell(stage, A);
  const first = await pages.after('0:-1', {});
  expect(idsIn(first)).toEqual([1]);
  await tell(updated, A);
  expect(idsIn(await pages.after('0:-1', {}))).toEqual([1]);
  expect(idsIn(await pages.after(first.next, {}))).toEqual([2]);
});

test('keeps a few pages, and says where it goes on', async () => {
  const { pages, tell } = await begun();
  for (let i = 0; i < 40; i++) await tell(stage, A);
  for (let from = -1; from < 39; from++) expect(idsIn(await pages.after(`0:${from}`, {}))[0]).toBe(from + 2);
});
