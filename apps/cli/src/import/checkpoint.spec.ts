import { afterAll, expect, it } from '@jest/globals';
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Channel, chooseOfFile, loadChannels } from '@tributary/intake';
import { checkpointsOf } from './checkpoint.js';
import { emptyLedger } from './ledger.js';

const dir = mkdtempSync(join(tmpdir(), 'tributary-checkpoint-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const put = (name: string, text: string): string => {
  writeFileSync(join(dir, name), text);
  return join(dir, name);
};
const [shop, site] = ['web_shop', 'stackexchange_meta'].map((name) => loadChannels().get(name)) as [Channel, Channel];
const of = async (channel: Channel, path: string) =>
  checkpointsOf(dir, channel, path, await chooseOfFile(channel, path));
const finish = async (channel: Channel, path: string): Promise<void> =>
  (await of(channel, path)).write({
    ...{ channel: channel.name, resumeAt: 3, ledger: emptyLedger },
    ...{ finishedAt: '2026-01-01T00:00:00.000Z', damage: null },
  });

it('knows a file by its content, whatever it is called, also under a channel whose file ends in .yml', async () => {
  const channel = { ...shop, file: put('web_shop.yml', 'name: web_shop') };
  await finish(channel, put('one.ndjson', 'a'));
  expect((await (await of(channel, put('two.ndjson', 'a'))).read())?.resumeAt).toBe(3);
  expect(await (await of(channel, put('two.ndjson', 'b'))).read()).toBeUndefined();
  expect(await (await of(shop, put('two.ndjson', 'a'))).read()).toBeUndefined();
});

it('is of one source: the same bytes under the name of another have not been taken', async () => {
  await finish(site, put('users.csv', 'c'));
  expect((await (await of(site, put('users-2.csv', 'c'))).read())?.resumeAt).toBe(3);
  expect(await (await of(site, put('posts.csv', 'c'))).read()).toBeUndefined();
});

it('trusts what an earlier version noted, which left the source out, for the source of the name that it noted', async () => {
  const path = put('votes.csv', 'd');
  const alone = { ...site, sources: site.sources.slice(0, 1) };
  const [source] = alone.sources;
  const before = new Set(readdirSync(join(dir, 'imports')));
  // Of a channel with one source the source stands in no note, then as now.
  await (
    await checkpointsOf(dir, alone, path, { source: source as Channel['sources'][number], entry: null })
  ).write({
    ...{ channel: site.name, resumeAt: 7, ledger: emptyLedger, finishedAt: null, damage: null },
  });
  const [note, ...others] = readdirSync(join(dir, 'imports')).filter((name) => !before.has(name));
  expect(others).toEqual([]);
  const at = join(dir, 'imports', note ?? '');
  // They noted its name, too.
  writeFileSync(at, JSON.stringify({ ...(JSON.parse(readFileSync(at, 'utf8')) as object), file: 'votes.csv' }));
  expect((await (await of(site, path)).read())?.resumeAt).toBe(7);
  renameSync(path, join(dir, 'posts.csv'));
  expect(await (await of(site, join(dir, 'posts.csv'))).read()).toBeUndefined();
});
