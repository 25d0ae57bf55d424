import { join } from 'node:path';
import { batchesOf, channels } from '../load/touchpoints.mjs';
import { requestsOf } from '../load/requests.mjs';
import { sendAll } from '../load/send.mjs';
import { drained } from '../process/drained.mjs';
import { freePort } from '../../../infra/local/free-port.mjs';
import { makeKeys, startTributary } from '../process/tributary.mjs';
import { cpuByRole, cpuSince, memoryOf } from '../process/usage.mjs';
import { bareLoop } from './bare-loop.mjs';

const CONNECTIONS = 8;
const BATCH = 100;

/**
 * From the first byte over HTTP until every touchpoint is durable, folded into a profile and counted by a query in
 * ClickHouse; beside a loop of the same engines that understands nothing of what it carries.
 */
export const endToEnd = async (bench) => {
  const loaded = await bench.loaded();
  bench.report({
    name: 'end_to_end',
    value: loaded.rate,
    unit: 'touchpoints/s',
    ratio: loaded.rate / loaded.bare.rate,
    ratio_to: 'bare_loop',
  });
  bench.report({ name: 'bare_loop', value: loaded.bare.rate, unit: 'touchpoints/s' });
  const { touchpoints, cpu, rate, load } = loaded;
  bench.report({
    name: 'end_to_end.accepted',
    value: touchpoints / load.seconds,
    unit: 'touchpoints/s',
    ratio: touchpoints / load.seconds / rate,
    ratio_to: 'end_to_end',
  });
  reportCpu(bench, 'end_to_end', touchpoints, cpu, load);
  reportCpu(bench, 'bare_loop', touchpoints, loaded.bare.cpu, loaded.bare.load);
  if (!loaded.hasSql) bench.say('no SQL listener runs: counted through /v1/status alone');
};

/** Microseconds of a core that a touchpoint costs, by thread; the load generator beside them shares the same cores. */
const reportCpu = (bench, name, touchpoints, cpu, load) => {
  if (cpu.length === 0) return;
  const total = cpu.reduce((sum, { cpu_s }) => sum + cpu_s, 0);
  const cost = (cpu_s) => (cpu_s * 1e6) / touchpoints;
  bench.report({ name: `${name}.cpu`, value: cost(total), unit: 'us/touchpoint' });
  for (const { role, cpu_s } of cpu)
    bench.report({
      name: `${name}.cpu: ${role}`,
      value: cost(cpu_s),
      unit: 'us/touchpoint',
      ratio: cpu_s / total,
      ratio_to: `${name}.cpu`,
    });
  bench.report({ name: `${name}.cpu: (load generator, beside it)`, value: cost(load.cpu_s), unit: 'us/touchpoint' });
};

/** Runs the load once; the platform stays up for the scenarios that look at it afterwards. */
export const loadPlatform = async (bench) => {
  const { touchpoints, customers } = bench.size;
  bench.say(`making ${touchpoints} touchpoints of ${customers} customers`);
  const dataDir = join(bench.folder('platform'), 'data');
  const keys = await makeKeys(dataDir, channels);
  const port = await freePort();
  const { batches, byPhone } = batchesOf({ touchpoints, customers, batch: BATCH, run: 'a' });
  const requests = requestsOf(batches, { port, keys });
  batches.length = 0;
  const bare = await bareLoop(bench, requests, { touchpoints, connections: CONNECTIONS });
  const platform = await startTributary(dataDir, { port, profileDir: bench.profileDir });
  bench.atEnd(() => platform.stop());
  bench.say('end to end');
  const cpuBefore = cpuByRole(platform.pid, platform.threadsFile);
  const load = await sendAll(requests, { port, connections: CONNECTIONS });
  const { at, status, rows } = await drained(platform, touchpoints);
  const seconds = (at - load.began) / 1_000;
  const cpu = cpuSince(cpuBefore, cpuByRole(platform.pid, platform.threadsFile));
  bench.say(
    `${seconds.toFixed(1)} s, ${load.seconds.toFixed(1)} of them at the doors (${load.waits} times told to wait); ` +
      `${status.customers} customers, ${status.events} events`,
  );
  return {
    platform,
    keys,
    touchpoints,
    customers,
    byPhone,
    rate: touchpoints / seconds,
    load,
    cpu,
    bare,
    hasSql: rows !== undefined,
    memory: memoryOf(platform.pid),
  };
};
