/**
 * The platform as processes over real engines, with everything between and among them failing in turn, under load:
 *
 *   npm run test:faults -- --rounds 30 --seed 7 --outage-ms 30000 [--only fault,kill] [--every 5]
 *
 * Exit code 1 on any violation. The seed repeats the order of things; what a fault meets is the machine's own chance.
 */
import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { settled } from '../e2e/engines/town.js';
import { sqlAt } from '../e2e/engines/up-town.js';
import { chanceOf } from '../crash/chance.mjs';
import { checkAll } from './check.js';
import { beginFaultyEngines, type FaultyEngines } from './engines.js';
import { Fleet } from './fleet.js';
import { Load } from './load.js';
import { roundOf, type Way, ways } from './rounds.js';

const RECOVERY_MS = 30_000;
const SETTLE_MS = 90_000;
const PEOPLE = 60;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

interface Stand {
  readonly engines: FaultyEngines;
  readonly fleet: Fleet;
  readonly load: Load;
}

/** How long it takes until everybody is ready and something new has come all the way. */
const recovered = async ({ engines, fleet, load }: Stand): Promise<number> => {
  const began = performance.now();
  const late = (): boolean => performance.now() - began > RECOVERY_MS;
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
    if (late()) throw new Error(`not recovered within ${RECOVERY_MS / 1_000} s: ${why}`);
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

/** A process may end only as it says it does: with a code and one line. */
const exitsOf = (fleet: Fleet): readonly string[] =>
  fleet.exits
    .splice(0)
    .filter(({ code, lines }) => code === null || code === 0 || lines.length !== 1)
    .map(({ member, code, lines }) => `${member} ended with ${code}, and said: ${lines.slice(0, 4).join(' | ')}`);

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

export const runFaults = async (args: readonly string[]): Promise<number> => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '30' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      every: { type: 'string', default: '5' },
      only: { type: 'string', default: ways.join() },
      'outage-ms': { type: 'string', default: '30000' },
    },
  });
  const [rounds, seed, every] = [values.rounds, values.seed, values.every].map(Number) as [number, number, number];
  const wanted = values.only.split(',').map((name) => {
    if (!ways.includes(name as Way)) throw new Error(`--only knows ${ways.join()}`);
    return name as Way;
  });
  const chance = chanceOf(seed);
  const problems: string[] = [];
  say(`faults: ${rounds} rounds, seed ${seed}, ${wanted.join()}`);
  const engines = await beginFaultyEngines();
  let fleet: Fleet | undefined;
  const end = async (): Promise<void> => {
    await fleet?.end();
    await engines.end();
  };
  // Nothing that was started may outlive us.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void end().finally(() => process.exit(1)));
  try {
    fleet = await Fleet.begin(engines);
    const standing = fleet;
    const load = new Load(() => standing.urlOf('collector'), fleet.key, chance.apart('load'), PEOPLE);
    const stand = { engines, fleet, load };
    load.start(2);
    for (let number = 1; number <= rounds; number++) {
      // In turn, so that a short run has each of them.
      const way = wanted[(number - 1) % wanted.length] as Way;
      const round = roundOf(way, { engines, fleet, chance, outage_ms: Number(values['outage-ms']) });
      const outcome = await round
        .run()
        .then(() => recovered(stand))
        .catch((error: unknown) => String(error));
      const exits = fleet.exits.map(({ member, lines }) => `; ${member} ended: ${lines.at(-1) ?? ''}`).join('');
      const said = typeof outcome === 'number' ? `back after ${(outcome / 1_000).toFixed(1)} s` : outcome;
      say(`round ${number}/${rounds}: ${round.what}: ${said}${exits}`);
      if (typeof outcome === 'string') problems.push(`round ${number} (${round.what}): ${outcome}`);
      problems.push(...exitsOf(fleet));
      if (number % every !== 0 && number !== rounds) continue;
      problems.push(...(await check(stand)));
      if (problems.length > 0) break;
      if (number < rounds) load.start(2);
    }
    await load.rest();
  } finally {
    await end();
  }
  for (const problem of problems) say(`VIOLATION: ${problem}`);
  say(problems.length === 0 ? `faults passed; seed ${seed}` : `faults FAILED with seed ${seed}`);
  return problems.length === 0 ? 0 : 1;
};
