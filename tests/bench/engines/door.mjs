import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { openKafkaLog } from '@tributary/kafka';
import { touchpointTopic } from '@tributary/pipeline';
import { requestsOf } from '../load/requests.mjs';
import { sendAll } from '../load/send.mjs';
import { batchesOf, channels } from '../load/touchpoints.mjs';
import { startProcess } from '../process/child.mjs';
import { freePort } from '../../../infra/local/free-port.mjs';
import { cli, makeKeys } from '../process/tributary.mjs';
import { cpuByRole, cpuSince, toldTo } from '../process/usage.mjs';
import { brokerCpu_s, reportCpu } from './report-cpu.mjs';

const NAME = 'door_batches_16';
const CONNECTIONS = 16;
const BATCH = 100;
/** PostHog's collector (Rust, one shared producer, linger 20 ms, acks=all), seen on two cores with its broker. */
const POSTHOG = 57_000;

/** Records of touchpoints that Kafka holds: it must have what was answered 200, and not a record more. */
const held = async (url) => {
  const log = await openKafkaLog({ url });
  try {
    const ranges = await Promise.all(channels.map((channel) => log.partitions(touchpointTopic(channel))));
    return ranges.flat().reduce((sum, { begin, end }) => sum + end - begin, 0);
  } finally {
    await log.close();
  }
};

/** The collector alone: accepted, and acknowledged by Kafka with acks=all, while nobody reads. */
export const door = async (bench) => {
  bench.say('door over Kafka');
  const folder = bench.folder('door');
  const dataDir = join(folder, 'data');
  const threadsFile = join(folder, 'threads.jsonl');
  const keys = await makeKeys(dataDir, channels);
  const port = await freePort();
  // Topics of its own: those of the platform hold its touchpoints already.
  const url = `${bench.kafka.url}/?prefix=door.`;
  const argv = [cli, 'run', 'collector', '--json', '--quiet', '--port', String(port), '--data', dataDir];
  const TRIBUTARY_LOOKUP_KEY = randomBytes(32).toString('base64');
  const server = startProcess(argv, {
    env: { ...toldTo(threadsFile), TRIBUTARY_LOG_URL: url, TRIBUTARY_LOOKUP_KEY },
  });
  await server.firstAnswer();
  const run = (id, touchpoints) => {
    const { batches } = batchesOf({ touchpoints, customers: bench.size.customers, batch: BATCH, run: id });
    return sendAll(requestsOf(batches, { port, keys }), { port, connections: CONNECTIONS });
  };
  const touchpoints = bench.size.touchpoints;
  // A server that has answered nothing yet is still being compiled.
  const warm = await run('warm', Math.ceil(touchpoints / 5));
  const cpuBefore = cpuByRole(server.pid, threadsFile);
  const brokerBefore_s = brokerCpu_s(bench.kafka);
  const load = await run('door', touchpoints);
  const cpu = cpuSince(cpuBefore, cpuByRole(server.pid, threadsFile));
  const broker_s = brokerCpu_s(bench.kafka) - brokerBefore_s;
  await server.stop();
  bench.drop('door');
  const [sent, stored] = [warm.sent + load.sent, await held(url)];
  if (stored !== sent) throw new Error(`${sent} touchpoints were accepted, Kafka holds ${stored}`);
  const rate = touchpoints / load.seconds;
  bench.report({ name: NAME, value: rate, unit: 'touchpoints/s', ratio: rate / POSTHOG, ratio_to: 'posthog_capture' });
  const beside = { 'Kafka broker': broker_s, 'load generator': load.cpu_s };
  reportCpu(bench, NAME, { touchpoints, cpu, beside });
};
