import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { complaintsNow } from './process/child.mjs';
import { commit, load, machine } from './machine.mjs';
import { lineOf } from './print.mjs';
import { keep } from './results.mjs';

const options = {
  quick: { type: 'boolean', default: process.env['npm_config_quick'] === 'true' },
  json: { type: 'boolean', default: process.env['npm_config_json'] === 'true' },
  keep: { type: 'boolean', default: false },
  only: { type: 'string' },
  touchpoints: { type: 'string' },
  customers: { type: 'string' },
  profile: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
};

const usageOf = ({ name, scenarios, sizes: { full } }) => `npm run ${name} -- [options]

  --quick            under a minute        --json             one object a line
  --only a,b         of the measures below --keep             append the run to tests/bench/results
  --touchpoints n    instead of ${String(full.touchpoints).padEnd(11)}--customers n      instead of ${full.customers}
  --profile folder   CPU profiles of all threads

${Object.keys(scenarios).join(', ')}
What each is: tests/bench/README.md
`;

const flags = (session) => {
  try {
    const { values } = parseArgs({ options });
    if (!values.help) return values;
    process.stdout.write(usageOf(session));
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${session.name}: ${error.message}\n\n${usageOf(session)}`);
    process.exit(2);
  }
};

const wantedOf = ({ only, quick }, { name, scenarios, notQuick = [] }) => {
  const wanted = only?.split(',') ?? Object.keys(scenarios).filter((each) => !quick || !notQuick.includes(each));
  const unknown = wanted.find((each) => scenarios[each] === undefined);
  if (unknown === undefined) return wanted;
  process.stderr.write(`${name}: there is no ${unknown}; there are ${Object.keys(scenarios).join(', ')}\n`);
  process.exit(2);
};

const homeOf = (prefix) => {
  const home = mkdtempSync(join(tmpdir(), prefix));
  process.on('exit', () => rmSync(home, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
  return home;
};

/** What scenarios get: how much, where to write, whom to tell. */
const benchOf = ({ quick, json, touchpoints, customers, profile }, sizes, home, say, measures) => ({
  size: {
    ...(quick ? sizes.quick : sizes.full),
    ...(touchpoints === undefined ? {} : { touchpoints: Number(touchpoints) }),
    ...(customers === undefined ? {} : { customers: Number(customers) }),
  },
  profileDir: profile === undefined ? undefined : resolve(profile),
  say,
  report: ({ name, value, unit, ratio = null, ratio_to = null }) => {
    const measure = { name, value: Number(value.toPrecision(6)), unit, ratio, ratio_to };
    if (ratio !== null) measure.ratio = Number(ratio.toPrecision(4));
    measures.push(measure);
    process.stdout.write(`${json ? JSON.stringify(measure) : lineOf(measure)}\n`);
  },
  folder: (name) => {
    const folder = join(home, name);
    mkdirSync(folder, { recursive: true });
    return folder;
  },
  drop: (name) => rmSync(join(home, name), { recursive: true, force: true }),
});

/** One run of a bench, by its flags. `end` answers the exit code: 1 where something broke, for time is not asserted. */
export const openSession = ({ name, scenarios, sizes, notQuick, kind = {} }) => {
  const given = flags({ name, scenarios, sizes });
  const wanted = wantedOf(given, { name, scenarios, notQuick });
  const say = (line) => process.stderr.write(`${name}: ${line}\n`);
  const [date, began, load_before] = [new Date().toISOString(), performance.now(), load()];
  const run = { date, ...kind, commit: commit(), machine: machine(), quick: given.quick, load_before };
  const measures = [];
  const told = new Set();
  let broken = 0;
  const broke = (what, error) => {
    broken++;
    // What several stand on breaks all of them; it is told once.
    say(`${what}: ${told.has(error) ? error.message : (error.stack ?? error.message)}`);
    if (!told.has(error)) for (const text of complaintsNow()) say(`a server said:\n${text}`);
    told.add(error);
  };
  const { cpu, cores, node } = run.machine;
  say(`${cpu}, ${cores} cores, Node ${node}, commit ${run.commit}, load ${load_before}`);
  const bench = benchOf(given, sizes, homeOf(`tributary-${name.replace(':', '-')}-`), say, measures);
  return {
    bench,
    broke,
    /** Those of these that are wanted, one after the other. */
    runAll: async (some) => {
      for (const each of wanted.filter((one) => some[one] !== undefined))
        await some[each](bench).catch((error) => broke(`${each} BROKE`, error));
    },
    end: () => {
      say(`${((performance.now() - began) / 1_000).toFixed(0)} s, load ${load()}`);
      if (given.keep) say(`kept in ${keep({ ...run, load_after: load() }, measures)}`);
      return broken === 0 ? 0 : 1;
    },
  };
};
