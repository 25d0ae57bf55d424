import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { sendAll } from '../load/send.mjs';
import { startProcess } from '../process/child.mjs';
import { cpuByRole, cpuSince, toldTo } from '../process/usage.mjs';

const script = fileURLToPath(new URL('../servers/bare-loop.mjs', import.meta.url));
const LOOK_MS = 50;
const PATIENCE_MS = 600_000;

/** The same bytes over the same connections through the same engines, without our work: what the engines could do. */
export const bareLoop = async (bench, requests, { touchpoints, connections }) => {
  bench.say('bare loop of the same engines');
  const folder = bench.folder('bare-loop');
  const threadsFile = join(folder, 'threads.jsonl');
  const server = startProcess([script, join(folder, 'data')], { env: toldTo(threadsFile) });
  const { port } = await server.firstAnswer();
  const cpuBefore = cpuByRole(server.pid, threadsFile);
  const load = await sendAll(requests, { port, connections });
  let rows = 0;
  while (rows < touchpoints) {
    if (performance.now() - load.began > PATIENCE_MS) throw new Error(`the bare loop stands at ${rows} rows`);
    await sleep(LOOK_MS);
    rows = Number(await (await fetch(`http://127.0.0.1:${port}/count`)).text());
  }
  const seconds = (performance.now() - load.began) / 1_000;
  if (rows !== touchpoints) throw new Error(`the bare loop holds ${rows} rows, ${touchpoints} were sent`);
  const cpu = cpuSince(cpuBefore, cpuByRole(server.pid, threadsFile));
  await server.stop();
  bench.drop('bare-loop');
  return { rate: touchpoints / seconds, seconds, load, cpu };
};
