import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename } from 'node:path';

/** Where the system does not say what threads and processes use, only that is not measured. */
export const hasUsage = existsSync('/proc/self/task');

/** Ticks a second of `/proc/…/stat`; 100 on every Linux that Node runs on. */
const TICKS = 100;

const tellThread = new URL('./tell-thread.mjs', import.meta.url).href;

const roles = {
  'tributary.cjs': 'door (main)',
  'writer-worker.js': 'store writer',
  'reader-worker.js': 'store reader',
  'sealing-worker.js': 'sealing',
  'pipeline-worker.js': 'pipeline',
  'profiles-worker.js': 'profiles',
  'warehouse-worker.js': 'loader',
  'chdb-worker.js': 'chdb client',
  'bare-loop.mjs': 'door (main)',
  'bare-loop-copier.mjs': 'copier',
};

/** The environment in which a process's threads say who they are, each in a line of this file. */
export const toldTo = (threadsFile) =>
  hasUsage ? { NODE_OPTIONS: `--import ${tellThread}`, TRIBUTARY_BENCH_THREADS: threadsFile } : {};

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
      return [
        {
          tid: Number(tid),
          name: stat.slice(open + 1, close),
          cpu_s: (Number(fields[11]) + Number(fields[12])) / TICKS,
        },
      ];
    } catch {
      // It ended meanwhile.
      return [];
    }
  });

/** V8's own threads are started first: one that schedules and, with `--v8-pool-size=0`, one for each core to spare that work. */
const V8_THREADS = 1 + Math.max(1, availableParallelism() - 1);
const V8_ROLE = 'v8 (garbage, compiling)';
/** Node 24 names its threads by what they do; older ones are all called after the program. */
const V8_NAMES = new Set(['V8Worker', 'DelayedTaskSche']);
const NODE_NAMES = new Set(['node', 'MainThread', 'libuv-worker', 'SignalInspector']);

/**
 * CPU seconds of a process by what its threads do. The engine of ClickHouse names its own threads, or starts them after
 * the one that loads it; what is left are the helpers of V8 (garbage, compilation) and then of libuv (files).
 */
export const cpuByRole = (pid, threadsFile) => {
  if (!hasUsage) return new Map();
  const told = toldThreads(threadsFile);
  const client = [...told].find(([, role]) => role === 'chdb client')?.[0] ?? Infinity;
  const byRole = new Map();
  const add = (role, cpu_s) => byRole.set(role, (byRole.get(role) ?? 0) + cpu_s);
  const unnamed = [];
  for (const { tid, name, cpu_s } of threadsOf(pid))
    if (told.has(tid)) add(told.get(tid), cpu_s);
    else if (V8_NAMES.has(name)) add(V8_ROLE, cpu_s);
    else if (!NODE_NAMES.has(name) || tid > client) add('clickhouse', cpu_s);
    else unnamed.push({ tid, cpu_s });
  const v8Unnamed = byRole.has(V8_ROLE) ? 0 : V8_THREADS;
  unnamed.sort((a, b) => a.tid - b.tid);
  for (const [i, { cpu_s }] of unnamed.entries()) add(i < v8Unnamed ? V8_ROLE : 'libuv pool', cpu_s);
  return byRole;
};

export const cpuSince = (before, after) =>
  [...after]
    .map(([role, cpu_s]) => ({ role, cpu_s: cpu_s - (before.get(role) ?? 0) }))
    .filter(({ cpu_s }) => cpu_s > 0)
    .sort((a, b) => b.cpu_s - a.cpu_s);

/** Resident memory of a process in MB (10^6 bytes): now, and the most it ever was. */
export const memoryOf = (pid) => {
  if (!hasUsage) return undefined;
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const read = (name) => (Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? NaN) * 1_024) / 1e6;
  return { now_MB: read('VmRSS'), peak_MB: read('VmHWM') };
};
