import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireSameEngines } from './filled-with.js';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tributary-filled-with-'));
});
afterEach(() => rm(dir, { recursive: true }));

const kafka = 'Kafka cluster abc, prefix "eu."';

it.each([
  ['TRIBUTARY_LOG_URL', {}, null, {}, kafka],
  ['TRIBUTARY_LOG_URL', {}, kafka, {}, null],
  ['TRIBUTARY_LOG_URL', {}, kafka, {}, 'Kafka cluster def, prefix "eu."'],
  ['TRIBUTARY_EVENTS_URL', {}, null, { eventsUrl: 'esdb://one' }, null],
  ['TRIBUTARY_KEYS_URL', { keysUrl: 'redis://:secret@one' }, null, {}, null],
] as const)('a folder is not opened with another engine: %s', async (setting, first, firstLog, next, nextLog) => {
  await requireSameEngines(dir, first, firstLog);
  await requireSameEngines(dir, first, firstLog);
  const refused = requireSameEngines(dir, next, nextLog);
  await expect(refused).rejects.toMatchObject({ name: 'SettingRefused' });
  await expect(refused).rejects.toThrow(new RegExp(`^${setting}: .*was filled with another engine`));
  await expect(refused).rejects.not.toThrow('secret');
  await requireSameEngines(dir, first, firstLog);
});

it('engines may move', async () => {
  await requireSameEngines(dir, { eventsUrl: 'esdb://one', keysUrl: 'redis://one' }, kafka);
  await requireSameEngines(dir, { eventsUrl: 'esdb://two', keysUrl: 'redis://two' }, kafka);
});

it('a damaged note says what to do', async () => {
  await writeFile(join(dir, 'engines.json'), '{');
  await expect(requireSameEngines(dir, {}, null)).rejects.toThrow(/engines\.json is damaged: remove it/);
});
