/**
 * `npm run bench -- [--quick] [--json] [--keep] [--only a,b] [--touchpoints n] [--customers n] [--profile folder]`
 *
 * Measures, prints, asserts nothing about time: it fails only where something is broken.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { complaintsNow } from './process/child.mjs';
import { commit, load, machine } from './machine.mjs';
import { lineOf } from './print.mjs';
import { keep } from './results.mjs';
import { doorBatches, doorSingle } from './scenarios/doors.mjs';
import { endToEnd, loadPlatform } from './scenarios/end-to-end.mjs';
import { eventAppend } from './scenarios/event-append.mjs';
import { importOnlineRetail } from './scenarios/import-online-retail.mjs';
import { profileByPhone } from './scenarios/profile-by-phone.mjs';
import { rebuild } from './scenarios/rebuild.mjs';
import { rss } from './scenarios/rss.mjs';

/** In this order: those on the loaded platform first, then it is stopped and the others have the machine to themselves. */
const onThePlatform = { end_to_end: endToEnd, rss, profile_by_phone: profileByPhone, rebuild };
const alone = {
  door_batches: doorBatches,
  door_single: doorSingle,
  event_append: eventAppend,
  import_online_retail: importOnlineRetail,
};

const sizes = {
  full: {
    touchpoints: 1_000_000,
    customers: 20_000,
    profileSeconds: 20,
    doorBatches: 400_000,
    doorSingle: 60_000,
    appendsMany: 100_000,
    appendsFew: 4_000,
  },
  /** As many touchpoints a customer as in full: with fewer, first meetings would be most of what is measured. */
  quick: {
    touchpoints: 60_000,
    customers: 1_200,
    profileSeconds: 4,
    doorBatches: 50_000,
    doorSingle: 8_000,
    appendsMany: 20_000,
    appendsFew: 1_000,
  },
};
/** What does not fit into a minute. */
const notQuick = ['import_online_retail'];

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
const scenarios = { ...onThePlatform, ...alone };
const wanted =
  given.only?.split(',') ?? Object.keys(scenarios).filter((name) => !given.quick || !notQuick.includes(name));
for (const name of wanted)
  if (scenarios[name] === undefined) {
    process.stderr.write(`bench: there is no ${name}; there are ${Object.keys(scenarios).join(', ')}\n`);
    process.exit(2);
  }

const home = mkdtempSync(join(tmpdir(), 'tributary-bench-'));
process.on('exit', () => rmSync(home, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));

const run = {
  date: new Date().toISOString(),
  commit: commit(),
  machine: machine(),
  quick: given.quick,
  load_before: load(),
};
const say = (line) => process.stderr.write(`bench: ${line}\n`);
const measures = [];
const endings = [];
let loading;

const bench = {
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
  atEnd: (ending) => endings.push(ending),
  /** The platform after the load of `end_to_end`, which runs once, for whoever comes first. */
  loaded: () => (loading ??= loadPlatform(bench)),
};

const began = performance.now();
say(
  `${run.machine.cpu}, ${run.machine.cores} cores, Node ${run.machine.node}, commit ${run.commit}, load ${run.load_before}`,
);
let broken = 0;
const told = new Set();
const runAll = async (some) => {
  for (const name of wanted.filter((each) => some[each] !== undefined))
    await some[name](bench).catch((error) => {
      broken++;
      // What all of them stand on breaks all of them; it is told once.
      say(`${name} BROKE: ${told.has(error) ? error.message : (error.stack ?? error.message)}`);
      if (!told.has(error)) for (const text of complaintsNow()) say(`a server said:\n${text}`);
      told.add(error);
    });
};
await runAll(onThePlatform);
for (const ending of endings)
  await ending().catch((error) => {
    broken++;
    say(`the platform did not end well: ${error.message}`);
  });
bench.drop('platform');
await runAll(alone);

say(`${((performance.now() - began) / 1_000).toFixed(0)} s, load ${load()}`);
if (given.keep) say(`kept in ${keep({ ...run, load_after: load() }, measures)}`);
process.exitCode = broken === 0 ? 0 : 1;
