/**
 * The platform as processes over real engines, with everything between and among them failing in turn, under load:
 *
 *   npm run test:faults -- --rounds 30 --seed 7 --outage-ms 30000 --rebalance-ms 60000 [--only fault,kill]
 *                          [--engines events,keys] [--every 5]
 *                          [--patience-ms 30000] (within which all must be well again; more where the machine is busy)
 *
 * `--only outage --rounds 5`: each engine away once. Exit code 1 on any violation. The seed repeats the order of things; what a fault meets is the machine's own chance.
 */
import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { oneOfEach, sharedKeys } from '../e2e/engines/distributed-platform.js';
import { Fleet } from '../e2e/engines/fleet.js';
import { settled } from '../e2e/engines/town.js';
import { sqlAt } from '../e2e/engines/up-town.js';
import { type Chance, chanceOf } from '../crash/chance.mjs';
import { checkAll } from './check.js';
import { beginFaultyEngines, type EngineName, engineNames, type FaultyEngines } from './engines.js';
import { Load } from './load.js';
import { type Round, roundOf, type Way, ways } from './rounds.js';

const SETTLE_MS = 180_000;
const PEOPLE = 60;
const SENDERS = 2;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

interface Stand {
  readonly engines: FaultyEngines;
  readonly fleet: Fleet;
  readonly load: Load;
}

/** How long it takes until everybody is ready and something new has come all the way. */
const recovered = async ({ engines, fleet, load }: Stand, patience_ms: number): Promise<number> => {
  const began = performance.now();
  const late = (): boolean => performance.now() - began > patience_ms;
  const probe = await load.probe(`M${PEOPLE}`);
  for (let why = ''; ; await sleep(100)) {
    const waiting = await fleet.notReady();
    const found = await sqlAt<object>(
      engines.direct['TRIBUTARY_WAREHOUSE_URL'] as string,
      `SELECT 1 FROM raw_touchpoints WHERE message_id = '${probe}'`,
    ).catch(() => []);
    const shown = await shownBy(fleet, load);
    why = [...waiting, ...(found.length > 0 ? [] : ['no row']), ...(shown ? [] : ['no profile'])].join('; ');
    if (why === '') return performance.now() - began;
    if (late()) throw new Error(`not recovered within ${patience_ms / 1_000} s: ${why}`);
  }
};

const shownBy = async (fleet: Fleet, load: Load): Promise<boolean> => {
  const response = await fetch(`${fleet.urlOf('api')}/v1/customers?member_no=M${PEOPLE}`, {
    signal: AbortSignal.timeout(5_000),
  }).catch(() => undefined);
  if (response?.status !== 200) return false;
  const { value } = (await response.json()) as { readonly value: { readonly purchases: number } };
  return value.purchases === load.shares.get(`M${PEOPLE}`)?.orders;
};

/** A second processor, so that there is somebody to take partitions over. */
const members = { ...oneOfEach, 'processor-2': 'processor' } as const;

/** Names apart by commas, each one of those that are known. */
const listOf = <T extends string>(flag: string, given: string, known: readonly T[]): readonly T[] =>
  given.split(',').map((name) => {
    if (!known.includes(name as T)) throw new Error(`--${flag} knows ${known.join()}`);
    return name as T;
  });

const check = async ({ engines, fleet, load }: Stand): Promise<readonly string[]> => {
  await load.rest();
  const apiUrl = fleet.urlOf('api');
  const ask = async <T>(path: string) => {
    const response = await fetch(new URL(path, apiUrl));
    return { status: response.status, body: (await response.json()) as T };
  };
  const stats = await settled({ ask }, SETTLE_MS);
  const problems = await checkAll(load, { apiUrl, direct: engines.direct }, stats);
  say(`  check: ${load.ids.size} touchpoints, ${stats.customers} customers: ${problems.length} violations`);
  return problems;
};

const planOf = (args: readonly string[]) => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '30' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      every: { type: 'string', default: '5' },
      only: { type: 'string', default: ways.join() },
      engines: { type: 'string', default: engineNames.join() },
      'outage-ms': { type: 'string', default: '30000' },
      'patience-ms': { type: 'string', default: '30000' },
      'rebalance-ms': { type: 'string', default: '10000' },
    },
  });
  return {
    rounds: Number(values.rounds),
    seed: Number(values.seed),
    every: Number(values.every),
    ways: listOf<Way>('only', values.only, ways),
    among: listOf<EngineName>('engines', values.engines, engineNames),
    patience_ms: Number(values['patience-ms']),
    outage_ms: Number(values['outage-ms']),
    rebalance_ms: Number(values['rebalance-ms']),
  };
};
type Plan = ReturnType<typeof planOf>;

/** What was wrong after one round. */
const suffer = async (stand: Stand, round: Round, name: string, patience_ms: number): Promise<readonly string[]> => {
  const { fleet } = stand;
  const outcome = await round
    .run()
    .then(() => recovered(stand, patience_ms))
    .catch((error: unknown) => String(error));
  const exits = fleet.exits.splice(0).map(({ member, lines }) => `; ${member} ended: ${lines.at(-1) ?? ''}`);
  const said = typeof outcome === 'number' ? `back after ${(outcome / 1_000).toFixed(1)} s` : outcome;
  say(`${name}: ${round.what}: ${said}${exits.join('')}`);
  if (typeof outcome === 'string') say(fleet.said);
  return [...(typeof outcome === 'string' ? [`${name} (${round.what}): ${outcome}`] : []), ...fleet.faults.splice(0)];
};

const sufferAll = async (stand: Stand, plan: Plan, chance: Chance): Promise<readonly string[]> => {
  const { fleet, engines, load } = stand;
  const { rounds, every } = plan;
  const problems: string[] = [];
  // What fails must fail amid work: all is well, and warm, before anything is broken.
  load.start(SENDERS);
  await recovered(stand, SETTLE_MS);
  for (let number = 1; number <= rounds && problems.length === 0; number++) {
    load.start(SENDERS);
    // In turn, so that a short run has each of them.
    const way = plan.ways[(number - 1) % plan.ways.length] as Way;
    const turn = Math.floor((number - 1) / plan.ways.length);
    const round = roundOf(way, { ...plan, engines, fleet, chance, turn });
    problems.push(...(await suffer(stand, round, `round ${number}/${rounds}`, plan.patience_ms)));
    if (problems.length === 0 && number % every !== 0 && number !== rounds) continue;
    problems.push(...(await check(stand).catch((error: unknown) => [String(error)])));
  }
  return problems;
};

export const runFaults = async (args: readonly string[]): Promise<number> => {
  const plan = planOf(args);
  const chance = chanceOf(plan.seed);
  say(`faults: ${plan.rounds} rounds, seed ${plan.seed}, ${plan.ways.join()}`);
  const shared = sharedKeys();
  const engines = await beginFaultyEngines();
  let fleet: Fleet | undefined;
  const end = async (): Promise<void> => {
    await fleet?.end();
    await engines.end();
  };
  // Nothing that was started may outlive us.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void end().finally(() => process.exit(1)));
  let problems: readonly string[];
  try {
    fleet = await Fleet.begin({ envOf: (role) => ({ ...shared, ...engines.envOf(role) }), members, supervised: true });
    const standing = fleet;
    const load = new Load(() => standing.urlOf('collector'), fleet.key, chance.apart('load'), PEOPLE);
    problems = await sufferAll({ engines, fleet, load }, plan, chance);
  } finally {
    await end();
  }
  for (const problem of problems) say(`VIOLATION: ${problem}`);
  say(problems.length === 0 ? `faults passed; seed ${plan.seed}` : `faults FAILED with seed ${plan.seed}`);
  return problems.length === 0 ? 0 : 1;
};
