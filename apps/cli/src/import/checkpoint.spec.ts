import { afterAll, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkpointsOf } from './checkpoint.js';
import { emptyLedger } from './ledger.js';

const dir = mkdtempSync(join(tmpdir(), 'tributary-checkpoint-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const put = (name: string, text: string): string => {
  writeFileSync(join(dir, name), text);
  return join(dir, name);
};
const finished = (channel: string) => ({
  ...{ file: 'orders.csv', channel, resumeAt: 3, ledger: emptyLedger },
  ...{ finishedAt: '2026-01-01T00:00:00.000Z', damage: null },
});

it('knows a file under a channel whose file ends in .yml', async () => {
  const [channel, path] = [{ name: 'shop', file: put('shop.yml', 'name: shop') }, put('orders.csv', 'a')];
  const checkpoints = await checkpointsOf(dir, channel, path, undefined);
  await checkpoints.write(finished('shop'));
  expect((await (await checkpointsOf(dir, channel, path, undefined)).read())?.resumeAt).toBe(3);
});
