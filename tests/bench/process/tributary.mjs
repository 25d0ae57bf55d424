import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProcess, startProcess } from './child.mjs';
import { toldTo } from './usage.mjs';

export const cli = fileURLToPath(new URL('../../../apps/cli/bin/tributary.cjs', import.meta.url));

/** Write keys of channels, made as a user makes them. */
export const makeKeys = async (dataDir, channels) => {
  const keys = {};
  for (const channel of channels)
    keys[channel] = JSON.parse(
      await runProcess([cli, 'key', 'create', '--channel', channel, '--json', '--data', dataDir]),
    ).key;
  return keys;
};

/** The platform in a process of its own, started as a user starts it. `profileDir`: V8 writes its CPU profiles there. */
export const startTributary = async (dataDir, { port, profileDir }) => {
  const threadsFile = join(dataDir, '..', 'threads.jsonl');
  const execArgv = profileDir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDir}`];
  const server = startProcess(
    [cli, 'up', '--no-sample', '--json', '--quiet', '--port', String(port), '--sql-port', '0', '--data', dataDir],
    { execArgv, env: toldTo(threadsFile) },
  );
  const { url, sqlUrl } = await server.firstAnswer();
  const ask = async (path, init) => {
    const response = await fetch(new URL(path, url), init);
    if (!response.ok)
      throw new Error(`${path} was answered ${response.status}: ${(await response.text()).slice(0, 400)}`);
    return response.json();
  };
  const rows = async () => {
    if (sqlUrl === null) return undefined;
    const response = await fetch(`${sqlUrl}/?query=${encodeURIComponent('SELECT count() FROM raw_touchpoints')}`);
    const text = await response.text();
    if (!response.ok) throw new Error(`SQL was answered ${response.status}: ${text.slice(0, 400)}`);
    return Number(text);
  };
  return {
    pid: server.pid,
    port,
    threadsFile,
    dataDir,
    ask,
    status: () => ask('/v1/status'),
    /** Rows that an analyst sees; `undefined` where no SQL listener runs. */
    rows,
    stop: () => server.stop(),
    ended: server.ended,
  };
};
