import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';

const folder = mkdtempSync(join(tmpdir(), 'tributary-unending-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A platform that is asked what takes an hour, and is stopped once the engine has it, or when its asker has heard something. */
const script = (dataDir: string, isAnswered: boolean): string => `
  import { writeFileSync } from 'node:fs';
  import { setTimeout as sleep } from 'node:timers/promises';
  const { startPlatform } = await import(${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)});
  const dataDir = ${JSON.stringify(dataDir)};
  const platform = await startPlatform({ dataDir, host: '127.0.0.1', port: 0, sqlPort: 0, quiet: true });
  const body = "SELECT arraySum(arrayMap(x -> editDistance(repeat('ab', 10000), concat(repeat('ba', 10000), toString(x))), range(10000)))";
  const before = process.cpuUsage();
  const answered = fetch(platform.sqlUrl, { method: 'POST', body }).then(({ status }) => console.log(status), () => console.log('cut'));
  // It takes a core for itself as soon as the engine has it, and nothing else here does.
  const used_ms = ({ user, system }) => (user + system) / 1_000;
  while (used_ms(process.cpuUsage(before)) < 1_000) await sleep(20);
  writeFileSync(dataDir + '/asked', '');
  if (${isAnswered}) await answered;
  await platform.stop();
  console.log('stopped');
  process.exit(0);`;

/** Throws outside of everything in the thread that was given this, once the question is under way. */
const bug = (given: string, dataDir: string): string => `
  import { existsSync } from 'node:fs';
  import { isMainThread, workerData } from 'node:worker_threads';
  const look = () => {
    if (!existsSync(${JSON.stringify(join(dataDir, 'asked'))})) return;
    clearInterval(looking);
    throw new Error('a bug');
  };
  const looking = !isMainThread && workerData?.${given} !== undefined ? setInterval(look, 50) : undefined;`;

const run = async (name: string, given?: string) => {
  const [file, preload] = [join(folder, `${name}.mjs`), join(folder, `${name}-bug.mjs`)];
  writeFileSync(file, script(join(folder, name), given !== undefined));
  if (given !== undefined) writeFileSync(preload, bug(given, join(folder, name)));
  const child = spawn(process.execPath, [...(given === undefined ? [] : ['--import', preload]), file], {
    env: { ...process.env, UV_THREADPOOL_SIZE: '16' },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => (said += bytes.toString()));
  const signal = await new Promise((resolve) => child.once('close', (_code, by) => resolve(by)));
  return { signal, lines: said.trim().split('\n') };
};

const unending = /1 question\(s\) at the SQL door are past their limit and cannot be ended/;
const end = [
  expect.stringMatching(unending),
  expect.stringMatching(/the warehouse stays open; what it holds is on the disk/),
  'stopped',
  expect.stringMatching(/^tributary: 1 question\(s\) at the SQL door .*; the process ends without it$/),
];

test('a platform whose analyst’s question cannot be ended stops and ends, and says what it did not wait for', async () => {
  const { signal, lines } = await run('whole');
  expect(lines).toEqual(['cut', ...end]);
  expect(lines[1]).toContain('"key":null');
  expect(signal).toBe('SIGKILL');
});

test.each([
  ['warehouse’s', 'sqlPort', [expect.stringMatching(/"reason":"a bug".*the warehouse stopped loading/), 'cut']],
  ['engine’s', 'closed', ['500']],
])('the same where the %s thread fails by a bug meanwhile', async (_whose, given, first) => {
  const { signal, lines } = await run(given, given);
  expect(lines).toEqual([...first, ...end]);
  expect(signal).toBe('SIGKILL');
});
