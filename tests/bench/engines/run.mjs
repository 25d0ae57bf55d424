/**
 * `npm run bench:engines -- [--quick] [--json] [--keep] [--only a,b] [--touchpoints n] [--customers n] [--profile folder]`
 *
 * Over a real Kafka broker, which it starts and ends. As `bench`, it asserts nothing about time.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { startKafka } from '../../../infra/local/kafka.mjs';
import { commit, load, machine } from '../machine.mjs';
import { lineOf } from '../print.mjs';
import { complaintsNow } from '../process/child.mjs';
import { keep } from '../results.mjs';
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

const { values: given } = parseArgs({
  options: {
    quick: { type: 'boolean', default: process.env['npm_config_quick'] === 'true' },
    json: { type: 'boolean', default: process.env['npm_config_json'] === 'true' },
    keep: { type: 'boolean', default: false },
    only: { type: 'string' },
    touchpoints: { type: 'string' },
    customers: { type: 'string' },
    profile: { type: 'string' },
  },
});
const wanted = given.only?.split(',') ?? Object.keys(scenarios);
for (const name of wanted)
  if (scenarios[name] === undefined) {
    process.stderr.write(`bench:engines: there is no ${name}; there are ${Object.keys(scenarios).join(', ')}\n`);
    process.exit(2);
  }

const home = mkdtempSync(join(tmpdir(), 'tributary-bench-engines-'));
process.on('exit', () => rmSync(home, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
// Whatever the caller's own platform works on is not what is measured.
for (const name of Object.keys(process.env))
  if (name.startsWith('TRIBUTARY_') && name !== 'TRIBUTARY_ENGINES_CACHE') delete process.env[name];

const run = {
  date: new Date().toISOString(),
  bench: 'engines',
  commit: commit(),
  machine: machine(),
  quick: given.quick,
  load_before: load(),
};
const say = (line) => process.stderr.write(`bench:engines: ${line}\n`);
const measures = [];

const began = performance.now();
const { cpu, cores, node } = run.machine;
say(`${cpu}, ${cores} cores, Node ${node}, commit ${run.commit}, load ${run.load_before}`);
say('the roles over Kafka, Redis and EventStoreDB are not measured: the double of EventStoreDB is no server');

const kafka = await startKafka({ dir: join(home, 'kafka') });
process.env.TRIBUTARY_LOG_URL = kafka.url;
process.env.TRIBUTARY_PARTITIONS = String(PARTITIONS);

const bench = {
  kafka,
  partitions: PARTITIONS,
  size: {
    ...(given.quick ? sizes.quick : sizes.full),
    ...(given.touchpoints === undefined ? {} : { touchpoints: Number(given.touchpoints) }),
    ...(given.customers === undefined ? {} : { customers: Number(given.customers) }),
  },
  profileDir: given.profile === undefined ? undefined : resolve(given.profile),
  say,
  report: ({ name, value, unit, ratio = null, ratio_to = null }) => {
    const measure = { name, value: Number(value.toPrecision(6)), unit, ratio, ratio_to };
    if (ratio !== null) measure.ratio = Number(ratio.toPrecision(4));
    measures.push(measure);
    process.stdout.write(`${given.json ? JSON.stringify(measure) : lineOf(measure)}\n`);
  },
  folder: (name) => {
    const folder = join(home, name);
    mkdirSync(folder, { recursive: true });
    return folder;
  },
  drop: (name) => rmSync(join(home, name), { recursive: true, force: true }),
};

let broken = 0;
try {
  for (const name of wanted)
    await scenarios[name](bench).catch((error) => {
      broken++;
      say(`${name} BROKE: ${error.stack ?? error.message}`);
      for (const text of complaintsNow()) say(`a server said:\n${text}`);
    });
} finally {
  await kafka.stop();
}

say(`${((performance.now() - began) / 1_000).toFixed(0)} s, load ${load()}`);
if (given.keep) say(`kept in ${keep({ ...run, load_after: load() }, measures)}`);
// Not by itself: a server of a scenario that broke may still run.
process.exit(broken === 0 ? 0 : 1);
