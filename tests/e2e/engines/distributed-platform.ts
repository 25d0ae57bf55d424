import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Profile } from '@tributary/domain';
import { AccessKeys, type PlatformStats } from '@tributary/server';
import { RoleProcess } from './role-process.js';

export const roleNames = ['collector', 'processor', 'projector', 'loader', 'api'] as const;
export type RoleName = (typeof roleNames)[number];

/** Keys that the processes of one platform share. */
export const sharedKeys = (): Readonly<Record<string, string>> => ({
  TRIBUTARY_MASTER_KEY: randomBytes(32).toString('base64'),
  TRIBUTARY_LOOKUP_KEY: randomBytes(32).toString('base64'),
});

/** The platform as processes, asked as its users ask it. */
export class DistributedPlatform {
  private constructor(
    readonly dataDir: string,
    readonly key: string,
    readonly env: Readonly<Record<string, string>>,
    readonly processes: ReadonlyMap<RoleName, RoleProcess>,
  ) {}

  static async begin(env: Readonly<Record<string, string>>): Promise<DistributedPlatform> {
    const dataDir = await mkdtemp(join(tmpdir(), 'tributary-e2e-roles-'));
    const keys = await AccessKeys.open(join(dataDir, 'access-keys.json'), { now: () => Date.now() });
    const { key } = await keys.create({ kind: 'role', role: 'admin' });
    const processes = new Map(roleNames.map((role) => [role, new RoleProcess({ role, env, dataDir })]));
    const platform = new DistributedPlatform(dataDir, key, env, processes);
    // One after the other: topics and tables are made by whoever comes first.
    for (const process of processes.values()) await process.start();
    return platform;
  }

  role(name: RoleName): RoleProcess {
    return this.processes.get(name) as RoleProcess;
  }

  async end(): Promise<void> {
    await Promise.all([...this.processes.values()].map((process) => process.stop()));
    await rm(this.dataDir, { recursive: true, force: true });
  }

  /** Until it is answered: who is away is asked again, as a producer does. */
  async take(channel: string, touchpoints: readonly object[], patience_ms = 60_000): Promise<void> {
    const body = JSON.stringify(touchpoints);
    for (const late_ms = performance.now() + patience_ms; ;) {
      const said = await this.#post(channel, body);
      if (said === null) return;
      if (performance.now() > late_ms) throw new Error(`not accepted: ${said}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  async #post(channel: string, body: string): Promise<string | null> {
    try {
      const response = await fetch(`${this.role('collector').url}/v1/touchpoints?channel=${channel}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${this.key}` },
        body,
      });
      const text = await response.text();
      return response.status === 200 && (JSON.parse(text) as { rejected: number }).rejected === 0
        ? null
        : `${response.status} ${text.slice(0, 300)}`;
    } catch (error) {
      return String(error);
    }
  }

  async ask<T>(path: string): Promise<{ readonly status: number; readonly body: T }> {
    const response = await fetch(new URL(path, this.role('api').url));
    const text = await response.text();
    return { status: response.status, body: (text === '' ? null : JSON.parse(text)) as T };
  }

  async profile(query: string): Promise<Profile> {
    const { status, body } = await this.ask<Profile>(
      query.startsWith('c_') ? `/v1/customers/${query}` : `/v1/customers?${query}`,
    );
    if (status !== 200) throw new Error(`nobody is known by ${query}: ${status}`);
    return body;
  }

  /**
   * Resolves when all that was accepted has had its effect. Whoever is due and cannot be timed anew without news stays
   * listed as due, so stillness is what tells that timers have rung.
   */
  async settled(patience_ms = 120_000): Promise<PlatformStats> {
    const late_ms = performance.now() + patience_ms;
    let seen: PlatformStats | undefined;
    for (let quiet = 0, events = -1; ;) {
      seen = await this.#stats();
      const waits = seen ? Object.entries(seen.lag).some(([name, count]) => name !== 'timers' && count > 0) : true;
      quiet = seen && !waits && seen.events === events ? quiet + 1 : 0;
      events = seen?.events ?? -1;
      if (seen && quiet === 20) return seen;
      if (performance.now() > late_ms) throw new Error(`it does not settle: ${JSON.stringify(seen?.lag)}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async #stats(): Promise<PlatformStats | undefined> {
    try {
      const { status, body } = await this.ask<PlatformStats>('/v1/status');
      return status === 200 ? body : undefined;
    } catch {
      return undefined;
    }
  }

  async sql<Row>(query: string): Promise<readonly Row[]> {
    const response = await fetch(`${this.env['TRIBUTARY_WAREHOUSE_URL']}/?database=tributary`, {
      method: 'POST',
      body: `${query} FORMAT JSONEachRow`,
    });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`ClickHouse answered ${response.status}: ${text}`);
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Row);
  }
}
