import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';

/** Ticks a second of `/proc/…/stat`; 100 on every Linux that Node runs on. */
const TICKS = 100;

const roles = {
  'tributary.mjs': 'door (main)',
  'writer-worker.js': 'store writer',
  'reader-worker.js': 'store reader',
  'pipeline-worker.js': 'pipeline',
  'warehouse-worker.js': 'loader',
  'chdb-worker.js': 'chdb client',
  'bare-loop.mjs': 'door (main)',
  'bare-loop-copier.mjs': 'copier',
};

/** Threads that said who they are (`tell-thread.mjs`), by the system's id. */
const toldThreads = (file) =>
  new Map(
    (existsSync(file) ? readFileSync(file, 'utf8') : '')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line))
      .map(({ tid, script }) => [tid, roles[basename(script)] ?? basename(script)]),
  );

const threadsOf = (pid) =>
  readdirSync(`/proc/${pid}/task`).flatMap((tid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/task/${tid}/stat`, 'utf8');
      const open = stat.indexOf('(');
      const close = stat.lastIndexOf(')');
      const fields = stat.slice(close + 2).split(' ');
      return [{ tid: Number(tid), name: stat.slice(open + 1, close), cpu_s: (Number(fields[11]) + Number(fields[12])) / TICKS }];
    } catch {
      // It ended meanwhile.
      return [];
    }
  });

/**
 * CPU seconds of a process by what its threads do. The engine of ClickHouse names its own threads, or starts them after
 * the one that loads it; what is left are the helpers of V8 (garbage, compilation) and of libuv (files, hashing).
 */
export const cpuByRole = (pid, threadsFile) => {
  const told = toldThreads(threadsFile);
  const client = [...told].find(([, role]) => role === 'chdb client')?.[0] ?? Infinity;
  const byRole = new Map();
  for (const { tid, name, cpu_s } of threadsOf(pid)) {
    const role = told.get(tid) ?? (name !== 'node' || tid > client ? 'clickhouse' : 'v8 and libuv pools');
    byRole.set(role, (byRole.get(role) ?? 0) + cpu_s);
  }
  return byRole;
};

export const cpuSince = (before, after) =>
  [...after]
    .map(([role, cpu_s]) => ({ role, cpu_s: cpu_s - (before.get(role) ?? 0) }))
    .filter(({ cpu_s }) => cpu_s > 0)
    .sort((a, b) => b.cpu_s - a.cpu_s);

/** Resident memory of a process in MB (10^6 bytes): now, and the most it ever was. */
export const memoryOf = (pid) => {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const read = (name) => (Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? NaN) * 1_024) / 1e6;
  return { now_MB: read('VmRSS'), peak_MB: read('VmHWM') };
};
