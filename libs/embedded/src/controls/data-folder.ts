import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from '@jest/globals';
import { type Embedded, openEmbedded, type OpenOptions } from '../index.js';

export const masterKey = new Uint8Array(32).fill(9);

/** The compiled library, for threads and processes without a transpiler. */
export const entry = new URL('../../dist/index.js', import.meta.url).href;

/** Of each test of a spec that imports this: a folder of its own, and what it opened there last. Gone afterwards. */
export let dir: string;
export let store: Embedded | undefined;

export const open = async (options: Partial<OpenOptions> = {}): Promise<Embedded> =>
  (store = await openEmbedded({ dir, masterKey, ...options }));

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tributary-embedded-'));
});
afterEach(async () => {
  await store?.close();
  store = undefined;
  rmSync(dir, { recursive: true });
});

/** Files in which a text lies. By another process: closing a file here would drop SQLite's locks on it. */
export const filesWith = (text: string): string[] =>
  readdirSync(dir).filter((file) => spawnSync('grep', ['-q', '-a', '-F', text, join(dir, file)]).status === 0);

/** Runs a script in a process of its own, which prints lines. */
export const script = (body: string) =>
  spawn(
    process.execPath,
    ['--input-type=module', '-e', `import { openEmbedded, connectEmbedded } from '${entry}';${body}`],
    {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: '' },
    },
  );
