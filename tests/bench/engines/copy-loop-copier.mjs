/** Copies what Kafka hands over to ClickHouse, a batch of a partition an insert, on a thread of its own. */
import { once } from 'node:events';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { openChdbWarehouse } from '@tributary/warehouse';
import { Kafka, logLevel } from 'kafkajs';

const { dir, broker, topic } = workerData;
/** Enough for an insert to be worth its while; whoever waits longer gets less at once. */
const FETCH_BYTES = 256 * 1024;
const FETCH_WAIT_MS = 100;

const warehouse = await openChdbWarehouse({ path: join(dir, 'warehouse') });
await warehouse.migrate();

const columns = ['channel', 'received_at', 'payload', 'source_topic', 'source_partition', 'source_offset'];
const kafka = new Kafka({ brokers: [broker], clientId: 'copy-loop', logLevel: logLevel.ERROR });
const consumer = kafka.consumer({
  groupId: topic,
  allowAutoTopicCreation: false,
  minBytes: FETCH_BYTES,
  maxWaitTimeInMs: FETCH_WAIT_MS,
});
await consumer.connect();
await consumer.subscribe({ topic, fromBeginning: true });
const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
consumer.on(consumer.events.CRASH, ({ payload }) => {
  throw payload.error;
});
await consumer.run({
  // The client commits after each, as its users mostly leave it to.
  eachBatch: ({ batch: { partition, messages } }) =>
    warehouse.insert({
      table: 'raw_touchpoints',
      columns,
      rows: messages.map(({ value, timestamp, offset }) => [
        'bare',
        Number(timestamp),
        value.toString(),
        topic,
        partition,
        Number(offset),
      ]),
    }),
});
await joined;
parentPort.postMessage('ready');

for (;;) {
  const [order] = await once(parentPort, 'message');
  if (order === 'stop') break;
  const [row] = await warehouse.query('SELECT count() AS n FROM raw_touchpoints');
  parentPort.postMessage(row.n);
}
await consumer.disconnect();
await warehouse.close();
parentPort.close();
