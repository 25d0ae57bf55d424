import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { requestsOf } from '../load/requests.mjs';
import { sendAll } from '../load/send.mjs';
import { batchesOf, channels } from '../load/touchpoints.mjs';
import { drained } from '../process/drained.mjs';
import { freePort } from '../../../infra/local/free-port.mjs';
import { makeKeys, startTributary } from '../process/tributary.mjs';
import { cpuByRole, cpuSince, memoryOf } from '../process/usage.mjs';
import { copyLoop } from './copy-loop-run.mjs';
import { brokerCpu_s, reportCpu } from './report-cpu.mjs';

const CONNECTIONS = 16;
const BATCH = 100;
/** Of the load, for a broker that has compiled nothing yet: whoever came first would pay for it. */
const WARM_SHARE = 0.1;
const LOOK_MS = 100;
const PATIENCE_MS = 600_000;

/**
 * Over Kafka each look at the lag asks for the ends and offsets of all partitions, which is work for the broker: so rows
 * are waited for first, which asks ClickHouse alone.
 */
const loaded = async (platform, touchpoints) => {
  const until = performance.now() + PATIENCE_MS;
  for (let rows = 0; rows !== undefined && rows < touchpoints; rows = await platform.rows()) {
    if (performance.now() > until) throw new Error(`ClickHouse holds ${rows} of ${touchpoints} rows`);
    await sleep(LOOK_MS);
  }
  return performance.now();
};

/**
 * `tributary up` with its log in Kafka, all else embedded: from the first byte over HTTP until every touchpoint is
 * durable, folded into a profile and counted by a query in ClickHouse.
 */
const throughThePlatform = async (bench) => {
  const { touchpoints, customers } = bench.size;
  const dataDir = join(bench.folder('platform'), 'data');
  const keys = await makeKeys(dataDir, channels);
  const port = await freePort();
  const { batches } = batchesOf({ touchpoints, customers, batch: BATCH, run: 'a' });
  const requests = requestsOf(batches, { port, keys });
  batches.length = 0;
  const platform = await startTributary(dataDir, { port, profileDir: bench.profileDir });
  const cpuBefore = cpuByRole(platform.pid, platform.threadsFile);
  const brokerBefore_s = brokerCpu_s(bench.kafka);
  const load = await sendAll(requests, { port, connections: CONNECTIONS });
  const loadedAt = await loaded(platform, touchpoints);
  const { at, status } = await drained(platform, touchpoints);
  const seconds = (at - load.began) / 1_000;
  const cpu = cpuSince(cpuBefore, cpuByRole(platform.pid, platform.threadsFile));
  const broker_s = brokerCpu_s(bench.kafka) - brokerBefore_s;
  const memory = memoryOf(platform.pid);
  await platform.stop();
  bench.drop('platform');
  bench.say(
    `${seconds.toFixed(1)} s, ${load.seconds.toFixed(1)} of them at the doors (${load.waits} times told to wait), ` +
      `all rows after ${((loadedAt - load.began) / 1_000).toFixed(1)}; ` +
      `${status.customers} customers, ${status.events} events`,
  );
  return { rate: touchpoints / seconds, load, cpu, broker_s, memory };
};

/** Beside a loop that copies the same messages through the same broker into the same ClickHouse. */
export const endToEnd = async (bench) => {
  const { touchpoints } = bench.size;
  bench.say('warming the broker');
  await copyLoop(bench, { name: 'copy-loop-warm', touchpoints: Math.ceil(touchpoints * WARM_SHARE) });
  bench.say(`copy loop of ${touchpoints} touchpoints`);
  const bare = await copyLoop(bench, { name: 'copy-loop', touchpoints });
  bench.say('end to end over Kafka');
  const { rate, load, cpu, broker_s, memory } = await throughThePlatform(bench);
  const unit = 'touchpoints/s';
  const accepted = touchpoints / load.seconds;
  bench.report({ name: 'end_to_end', value: rate, unit, ratio: rate / bare.rate, ratio_to: 'copy_loop' });
  bench.report({ name: 'copy_loop', value: bare.rate, unit });
  bench.report({
    name: 'end_to_end.accepted',
    value: accepted,
    unit,
    ratio: accepted / rate,
    ratio_to: 'end_to_end',
  });
  if (memory) bench.report({ name: 'end_to_end.rss_peak', value: memory.peak_MB, unit: 'MB' });
  const beside = { 'Kafka broker': broker_s, 'load generator': load.cpu_s };
  reportCpu(bench, 'end_to_end', { touchpoints, cpu, beside });
  reportCpu(bench, 'copy_loop', { touchpoints, cpu: bare.cpu, beside: { 'Kafka broker': bare.broker_s } });
};
