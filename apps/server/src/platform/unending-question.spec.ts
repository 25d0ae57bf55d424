import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';

const folder = mkdtempSync(join(tmpdir(), 'tributary-unending-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A platform that is asked what takes an hour, and is stopped. */
const script = `
  import { setTimeout as sleep } from 'node:timers/promises';
  const { startPlatform } = await import(${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)});
  const dataDir = ${JSON.stringify(join(folder, 'data'))};
  const platform = await startPlatform({ dataDir, host: '127.0.0.1', port: 0, sqlPort: 0, quiet: true });
  const body = "SELECT arraySum(arrayMap(x -> editDistance(repeat('ab', 10000), concat(repeat('ba', 10000), toString(x))), range(10000)))";
  fetch(platform.sqlUrl, { method: 'POST', body }).catch(() => console.log('cut'));
  await sleep(1000);
  await platform.stop();
  console.log('stopped');
  process.exit(0);`;

test('a platform whose analyst’s question cannot be ended stops and ends, and says what it did not wait for', async () => {
  const file = join(folder, 'unending.mjs');
  writeFileSync(file, script);
  const child = spawn(process.execPath, [file], { env: { ...process.env, UV_THREADPOOL_SIZE: '16' } });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => (said += bytes.toString()));
  const signal = await new Promise((resolve) => child.once('close', (_code, by) => resolve(by)));
  const lines = said.trim().split('\n');
  expect(lines).toEqual([
    'cut',
    expect.stringMatching(/"key":null.*1 question\(s\) at the SQL door are past their limit and cannot be ended/),
    expect.stringMatching(/the warehouse stays open; what it holds is on the disk/),
    'stopped',
    expect.stringMatching(/^tributary: 1 question\(s\) at the SQL door .*; the process ends without it$/),
  ]);
  expect(signal).toBe('SIGKILL');
}, 90_000);
