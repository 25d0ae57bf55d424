import { setTimeout as sleep } from 'node:timers/promises';
import { type Chance } from '../crash/chance.mjs';
import { type Fleet } from '../e2e/engines/fleet.js';
import { type EngineName, type FaultyEngines, links } from './engines.js';
import { type Fault, faultTypes } from './proxy.js';

export const ways = ['fault', 'outage', 'kill', 'rebalance'] as const;
export type Way = (typeof ways)[number];

export interface Round {
  readonly what: string;
  /** Resolves when what was broken is whole again. */
  run(): Promise<void>;
}

export interface Breakable {
  readonly engines: FaultyEngines;
  readonly fleet: Fleet;
  readonly chance: Chance;
  /** Those that suffer. */
  readonly among: readonly EngineName[];
  /** How long each is away. */
  readonly outage_ms: number;
  readonly rebalance_ms: number;
  /** How often each way has had its turn before. */
  readonly turn: number;
}

const faultOf = (type: Fault['type'], chance: Chance): Fault => {
  switch (type) {
    case 'latency':
      return { type, delay_ms: chance.between(50, 400) };
    case 'slow':
      return { type, rate_bytes_per_s: chance.between(2_000, 20_000) };
    case 'reset':
      return { type, after_ms: chance.between(5, 300) };
    case 'lostAnswer':
      return { type, after_ms: chance.between(50, 500), lost_ms: chance.between(50, 500) };
    case 'cut':
    case 'halfOpen':
      return { type };
    default:
      return type satisfies never;
  }
};

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

const fault = ({ engines, chance, among }: Breakable): Round => {
  const engine = chance.pick(among);
  const role = chance.pick(links[engine]);
  const suffered = faultOf(chance.pick(faultTypes), chance);
  const lasts_ms = chance.between(2_000, 6_000);
  return {
    what: `${Object.values(suffered).join(' ')} between ${role} and ${engine}, ${seconds(lasts_ms)}`,
    run: async () => {
      engines.begin(role, engine, suffered);
      await sleep(lasts_ms);
      engines.heal(role, engine);
    },
  };
};

/** Each engine in turn, so that few rounds have all of them. */
const outage = ({ engines, among, outage_ms, turn }: Breakable): Round => {
  const name = among[turn % among.length] as EngineName;
  return {
    what: `${name} dead for ${seconds(outage_ms)}`,
    run: async () => {
      await engines.engines[name].kill();
      await sleep(outage_ms);
      await engines.engines[name].start();
    },
  };
};

const kill = ({ fleet, chance }: Breakable): Round => {
  const member = chance.pick(fleet.members);
  return { what: `${member} killed`, run: () => fleet.kill(member) };
};

/** A processor leaves and comes back every few seconds, and partitions move each time. */
const rebalance = ({ fleet, chance, rebalance_ms }: Breakable): Round => ({
  what: `a processor comes and goes for ${seconds(rebalance_ms)}`,
  run: async () => {
    for (const until = performance.now() + rebalance_ms; performance.now() < until;) {
      const { exit, took_ms } = await fleet.leave('processor-2');
      if (exit !== 0 || took_ms > 10_000)
        throw new Error(`asked to leave, it ended with ${exit} after ${seconds(took_ms)}`);
      await sleep(chance.between(500, 3_000));
      await fleet.join('processor-2');
      await sleep(chance.between(1_000, 4_000));
    }
  },
});

const rounds = { fault, outage, kill, rebalance } satisfies Record<Way, (it: Breakable) => Round>;

export const roundOf = (way: Way, it: Breakable): Round => rounds[way](it);
