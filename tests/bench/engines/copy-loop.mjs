/**
 * Touchpoints as JSON → kafkajs → Kafka → kafkajs → ClickHouse (chDB), and nothing between: no door, no parsing, no
 * decision. Makes what it sends before it says that it is ready; begins when it is told to.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { Worker } from 'node:worker_threads';
import { keepEngineLoaded } from '@tributary/warehouse';
import { Kafka, logLevel } from 'kafkajs';
import { batchesOf } from '../load/touchpoints.mjs';
import { announce } from '../process/announce.mjs';

const [, , dir, broker, topic, partitions, touchpoints, customers] = process.argv;
/** One request in flight: the next leaves when all replicas have this one. */
const PRODUCED_AT_ONCE = 1_000;

const { batches } = batchesOf({
  touchpoints: Number(touchpoints),
  customers: Number(customers),
  batch: PRODUCED_AT_ONCE,
  run: 'a',
});
const requests = batches.map(({ body }) => {
  // One touchpoint a line; the first line opens the list and the last one closes it.
  const lines = body.toString().split('\n').slice(1, -1);
  return lines.map((line) => ({ key: null, value: Buffer.from(line.endsWith(',') ? line.slice(0, -1) : line) }));
});
batches.length = 0;

const kafka = new Kafka({ brokers: [broker], clientId: 'copy-loop', logLevel: logLevel.ERROR });
const admin = kafka.admin();
await admin.connect();
await admin.createTopics({ topics: [{ topic, numPartitions: Number(partitions) }], waitForLeaders: true });
await admin.disconnect();
const producer = kafka.producer({ allowAutoTopicCreation: false });
await producer.connect();

// The copier's thread ends before this one, and must not take the engine's code with it.
await keepEngineLoaded();
const copier = new Worker(new URL('./copy-loop-copier.mjs', import.meta.url), { workerData: { dir, broker, topic } });
await once(copier, 'message');

const produce = async () => {
  for (const messages of requests) await producer.send({ topic, messages, acks: -1 });
};

const server = createServer(async (request, response) => {
  if (request.url === '/begin') {
    produce().catch((error) => {
      throw error;
    });
    return response.end();
  }
  copier.postMessage('count');
  const [rows] = await once(copier, 'message');
  response.end(String(rows));
});

await announce(server, async () => {
  await producer.disconnect();
  copier.postMessage('stop');
  await once(copier, 'exit');
});
