import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';

const path = mkdtempSync(join(tmpdir(), 'tributary-unending-'));
afterAll(() => rmSync(path, { recursive: true, force: true }));

/** Asks what takes an hour, is told that it cannot be ended, and wants to end. */
const script = `
  const { openChdbWarehouse } = await import(${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)});
  const warehouse = await openChdbWarehouse({ path: ${JSON.stringify(join(path, 'engine'))}, heldAfter_ms: 200 });
  const sql = "SELECT arraySum(arrayMap(x -> editDistance(repeat('ab', 10000), concat(repeat('ba', 10000), toString(x))), range(10000)))";
  const question = { sql, format: 'TSV', settings: { max_execution_time: 0.3 }, params: {}, streamable: true };
  await warehouse.ask(question).next().catch(({ code }) => console.log(code));
  await warehouse.close().catch(({ message }) => console.log(message));
  process.exit(0);`;

test('a process whose chDB cannot be closed is told so, and ends all the same, saying why', async () => {
  const file = join(path, 'unending.mjs');
  writeFileSync(file, script);
  const child = spawn(process.execPath, [file]);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => (said += bytes.toString()));
  const signal = await new Promise((resolve) => child.once('close', (_code, by) => resolve(by)));
  expect(said.split('\n')).toEqual([
    '159',
    'chdb: it stays open: 1 question(s) of analysts cannot be ended; only the end of the process does',
    'tributary: chdb is not closed after 5 s: a statement does not end; the process ends without it',
    '',
  ]);
  expect(signal).toBe('SIGKILL');
});

test('one whose chDB fails while it is closed is told so, in place of nothing', async () => {
  const [file, preload] = [join(path, 'failing.mjs'), join(path, 'failing-bug.mjs')];
  writeFileSync(
    file,
    `const { openChdbWarehouse } = await import(${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)});
    const warehouse = await openChdbWarehouse({ path: ${JSON.stringify(join(path, 'failing'))} });
    await warehouse.close().catch(({ message }) => console.log(message));
    process.exit(0);`,
  );
  writeFileSync(
    preload,
    `import { isMainThread, workerData } from 'node:worker_threads';
    if (!isMainThread && workerData?.closed) Atomics.notify = () => { throw new Error('a bug'); };`,
  );
  const child = spawn(process.execPath, ['--import', preload, file]);
  let said = '';
  child.stdout.on('data', (bytes: Buffer) => (said += bytes.toString()));
  await new Promise((resolve) => child.once('close', resolve));
  expect(said).toBe('chdb: it stays open: chdb: its thread failed: a bug; only the end of the process does\n');
});

test('it ends also where nobody reads what it says', async () => {
  const file = join(path, 'unheard.mjs');
  writeFileSync(
    file,
    `const { endProcess } = await import(${JSON.stringify(new URL('../../dist/chdb/end-process.js', import.meta.url).href)});
    process.on('exit', () => endProcess('nothing works'));
    process.stdin.once('data', () => process.exit(0)).resume();`,
  );
  const child = spawn(process.execPath, [file]);
  child.stderr.destroy();
  child.stdin.on('error', () => undefined).write('go on\n');
  expect(await new Promise((resolve) => child.once('exit', (_code, by) => resolve(by)))).toBe('SIGKILL');
});
