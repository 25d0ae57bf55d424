/** Copies the log to ClickHouse in flushes of the loader's size, on a thread of its own as the loader does. */
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { connectEmbedded } from '@tributary/embedded';
import { openChdbWarehouse } from '@tributary/warehouse';

const { dir, topic, port } = workerData;
const FLUSH_ROWS = 10_000;

const connection = await connectEmbedded({ dir: join(dir, 'log'), port, reads: 'here' });
const warehouse = await openChdbWarehouse({ path: join(dir, 'warehouse') });
await warehouse.migrate();

const columns = ['channel', 'received_at', 'payload', 'source_topic', 'source_partition', 'source_offset'];
const consumption = connection.log.consume({
  group: 'copier',
  topics: [topic],
  maxRecords: FLUSH_ROWS,
  onBatch: ({ partition, records }) =>
    warehouse.insert({
      table: 'raw_touchpoints',
      columns,
      rows: records.map(({ value, timestamp_ms, offset }) => [
        'bare',
        timestamp_ms,
        Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString(),
        topic,
        partition,
        offset,
      ]),
    }),
});
consumption.done.catch((error) => {
  throw error;
});

parentPort.on('message', async (order) => {
  if (order === 'count') {
    const [row] = await warehouse.query('SELECT count() AS n FROM raw_touchpoints');
    return parentPort.postMessage(row.n);
  }
  await consumption.stop();
  await warehouse.close();
  await connection.close();
  parentPort.close();
});
parentPort.postMessage('ready');
