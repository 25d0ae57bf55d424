/**
 * Preloaded into a server: each of its threads says once which thread of the system it is and what it runs, so that
 * `/proc` can be read by role. It does nothing after that.
 */
import { appendFileSync, readlinkSync } from 'node:fs';

const [, , tid] = readlinkSync('/proc/thread-self').split('/');
appendFileSync(
  process.env.TRIBUTARY_BENCH_THREADS,
  `${JSON.stringify({ tid: Number(tid), script: process.argv[1] })}\n`,
);
