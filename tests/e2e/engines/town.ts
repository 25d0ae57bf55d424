import { type Profile } from '@tributary/domain';
import { type PlatformStats } from '@tributary/server';
import { isReplacing, tables } from '@tributary/warehouse';

/** A platform on whatever engines, as the tests of mixes ask it. */
export interface Town {
  take(channel: string, touchpoints: readonly object[]): Promise<void>;
  ask<T>(path: string): Promise<{ readonly status: number; readonly body: T }>;
  sql<Row>(query: string): Promise<readonly Row[]>;
  /** What its processes said, for the message of a test that fails. */
  readonly said?: string;
  /** Throws when a process ended that should not have: then there is nothing to wait for. */
  stands?(): void;
}

const STILL = 15;

/**
 * Resolves when all that was accepted has had its effect. In stages, whoever is due and cannot be timed anew without news
 * stays listed as due, so stillness is what tells that timers have rung.
 */
export const settled = async (
  town: Pick<Town, 'ask' | 'said' | 'stands'>,
  patience_ms = 180_000,
): Promise<PlatformStats> => {
  const late_ms = performance.now() + patience_ms;
  for (let quiet = 0, events = -1; ;) {
    town.stands?.();
    const seen = await town.ask<PlatformStats>('/v1/status').catch(() => undefined);
    const stats = seen?.status === 200 ? seen.body : undefined;
    const isKnown = stats?.lagUnknown === undefined;
    const waits =
      !stats || !isKnown || Object.entries(stats.lag).some(([name, count]) => name !== 'timers' && count > 0);
    quiet = !waits && stats.events === events ? quiet + 1 : 0;
    events = stats?.events ?? -1;
    if (stats && quiet === STILL) return stats;
    if (performance.now() > late_ms)
      throw new Error(`it does not settle: ${JSON.stringify(stats?.lag)}\n${town.said ?? ''}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};

/** What a platform says of all its customers, and what its warehouse holds, one line each, by name. */
export type Snapshot = ReadonlyMap<string, readonly string[]>;

/** Profiles differ by these: a position of each engine's own kind, and a number that depends on the hour of asking. */
const ownOf = ({ version: _, ...profile }: Profile): unknown => ({
  ...profile,
  value: { ...profile.value, recencyDays: null },
});

/** Of a row: when the door took it (each run at its own time), and positions of the run's own engines. */
const OWN_COLUMNS = new Set(['received_at', 'version', 'updated_at', 'recency_days']);

/** The SQL door gives no more than so much in one answer. */
const ROWS_AT_ONCE = 50_000;

const linesOf = async (town: Town, columns: string, from: string): Promise<string[]> => {
  const [sum] = await town.sql<{ rows: string }>(`SELECT toString(count()) AS rows FROM ${from}`);
  const parts = Math.ceil(Number(sum?.rows) / ROWS_AT_ONCE);
  const lines: string[] = [];
  for (let part = 0; part < parts; part++) {
    const some = `cityHash64(toString((${columns}))) % ${parts} = ${part}`;
    for (const row of await town.sql<object>(`SELECT ${columns} FROM ${from} WHERE ${some}`))
      lines.push(JSON.stringify(row));
  }
  return lines;
};

export const snapshotOf = async (town: Town): Promise<Snapshot> => {
  const snapshot = new Map<string, readonly string[]>();
  const profiles: string[] = [];
  for (let after = ''; ;) {
    const { body } = await town.ask<{ customers: readonly { customerId: string }[]; next: string | null }>(
      `/v1/customers?limit=200${after}`,
    );
    for (const { customerId } of body.customers)
      profiles.push(JSON.stringify(ownOf((await town.ask<Profile>(`/v1/customers/${customerId}`)).body)));
    if (body.next === null) break;
    after = `&after=${body.next}`;
  }
  snapshot.set('profiles', profiles.sort());
  for (const table of tables) {
    const columns = table.columns.filter(({ name, technical }) => !technical && !OWN_COLUMNS.has(name));
    const names = columns.map(({ name }) => name).join(', ');
    const lines = await linesOf(town, names, `${table.name}${isReplacing(table) ? ' FINAL' : ''}`);
    snapshot.set(table.name, lines.sort());
  }
  return snapshot;
};

/** What only one of two has, of each part, for a person to read; empty: the same, byte for byte. */
export const differences = (one: Snapshot, other: Snapshot): readonly string[] =>
  [...one].flatMap(([name, lines]) => {
    const others = other.get(name) ?? [];
    if (lines.length === others.length && lines.every((line, i) => line === others[i])) return [];
    const [here, there] = [new Set(lines), new Set(others)];
    const only = lines.find((line) => !there.has(line));
    const added = others.find((line) => !here.has(line));
    return [`${name}: ${lines.length} and ${others.length}`, `- ${only ?? 'nothing'}`, `+ ${added ?? 'nothing'}`];
  });
