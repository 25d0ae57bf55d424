/**
 * `npm run bench:engines -- [--quick] [--json] [--keep] [--only a,b] [--touchpoints n] [--customers n] [--profile folder]`
 *
 * Over a real Kafka broker, which it starts and ends. As `bench`, it asserts nothing about time.
 */
import { startKafka } from '../../../infra/local/kafka.mjs';
import { openSession } from '../session.mjs';
import { door } from './door.mjs';
import { endToEnd } from './end-to-end.mjs';

const scenarios = { end_to_end: endToEnd, door };
const sizes = {
  full: { touchpoints: 200_000, customers: 4_000 },
  /** As many touchpoints a customer as in full: with fewer, first meetings would be most of what is measured. */
  quick: { touchpoints: 20_000, customers: 400 },
};
/** What the platform makes its topics with unless told. */
const PARTITIONS = 6;

// Whatever the caller's own platform works on is not what is measured.
for (const name of Object.keys(process.env))
  if (name.startsWith('TRIBUTARY_') && name !== 'TRIBUTARY_ENGINES_CACHE') delete process.env[name];

const { bench, runAll, end } = openSession({
  name: 'bench:engines',
  scenarios,
  sizes,
  kind: { bench: 'engines' },
});
bench.say('the roles over Kafka, Redis and EventStoreDB are not measured: the double of EventStoreDB is no server');

const kafka = await startKafka({ dir: bench.folder('kafka'), forLoad: true });
process.env.TRIBUTARY_LOG_URL = kafka.url;
process.env.TRIBUTARY_PARTITIONS = String(PARTITIONS);
Object.assign(bench, { kafka, partitions: PARTITIONS });
try {
  await runAll(scenarios);
} finally {
  await kafka.stop();
}
// Not by itself: a server of a scenario that broke may still run.
process.exit(end());
