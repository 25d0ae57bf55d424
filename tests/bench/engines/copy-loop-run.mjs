import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { startProcess } from '../process/child.mjs';
import { cpuByRole, cpuSince, toldTo } from '../process/usage.mjs';
import { brokerCpu_s } from './report-cpu.mjs';

const script = fileURLToPath(new URL('./copy-loop.mjs', import.meta.url));
const LOOK_MS = 50;
const PATIENCE_MS = 600_000;

/** The same messages through the same broker into the same ClickHouse, by whoever understands nothing of them. */
export const copyLoop = async (bench, { touchpoints, name }) => {
  const folder = bench.folder(name);
  const threadsFile = join(folder, 'threads.jsonl');
  const { kafka, partitions, size } = bench;
  const argv = [join(folder, 'data'), `127.0.0.1:${kafka.port}`, name, partitions, touchpoints, size.customers];
  const loop = startProcess([script, ...argv.map(String)], { env: toldTo(threadsFile) });
  const { port } = await loop.firstAnswer();
  const ask = async (path) => (await fetch(`http://127.0.0.1:${port}${path}`)).text();
  const cpuBefore = cpuByRole(loop.pid, threadsFile);
  const brokerBefore_s = brokerCpu_s(kafka);
  const began = performance.now();
  await ask('/begin');
  let rows = 0;
  while (rows < touchpoints) {
    if (performance.now() - began > PATIENCE_MS) throw new Error(`the copy loop stands at ${rows} rows`);
    await sleep(LOOK_MS);
    rows = Number(await ask('/count'));
  }
  const seconds = (performance.now() - began) / 1_000;
  if (rows !== touchpoints) throw new Error(`the copy loop holds ${rows} rows, ${touchpoints} were sent`);
  const cpu = cpuSince(cpuBefore, cpuByRole(loop.pid, threadsFile));
  const broker_s = brokerCpu_s(kafka) - brokerBefore_s;
  await loop.stop();
  bench.drop(name);
  return { rate: touchpoints / seconds, seconds, cpu, broker_s };
};
