import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { batchesOf } from '../load/touchpoints.mjs';
import { requestsOf } from '../load/requests.mjs';
import { sendAll } from '../load/send.mjs';
import { startProcess } from '../process/child.mjs';
import { freePort } from '../../../infra/local/free-port.mjs';

const script = fileURLToPath(new URL('../servers/door-only.mjs', import.meta.url));

/** RudderStack's gateway (Go, Postgres) on such a machine; of the range that was seen, the upper end. */
const RUDDERSTACK = { batches: 31_000, single: 2_000 };

/** The doors alone: accepted and durable in the log, with nobody who reads it. */
const door = async (bench, { name, batch, connections, touchpoints, landmark }) => {
  bench.say(name);
  const port = await freePort();
  const server = startProcess([script, join(bench.folder('door'), 'data'), String(port)]);
  const { keys } = await server.firstAnswer();
  const run = (id, count) => {
    const { batches } = batchesOf({ touchpoints: count, customers: bench.size.customers, batch, run: id });
    return sendAll(requestsOf(batches, { port, keys }), { port, connections });
  };
  // A server that has answered nothing yet is still being compiled.
  await run('warm', Math.ceil(touchpoints / 5));
  const { seconds } = await run('door', touchpoints);
  await server.stop();
  bench.drop('door');
  const rate = touchpoints / seconds;
  bench.report({ name, value: rate, unit: 'touchpoints/s', ratio: rate / landmark, ratio_to: 'rudderstack_gateway' });
};

export const doorBatches = async (bench) => {
  for (const connections of [8, 16])
    await door(bench, {
      name: `door_batches_${connections}`,
      batch: 100,
      connections,
      touchpoints: bench.size.doorBatches,
      landmark: RUDDERSTACK.batches,
    });
};

export const doorSingle = (bench) =>
  door(bench, {
    name: 'door_single',
    batch: 1,
    connections: 32,
    touchpoints: bench.size.doorSingle,
    landmark: RUDDERSTACK.single,
  });
