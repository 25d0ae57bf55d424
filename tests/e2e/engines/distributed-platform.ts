import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Profile } from '@tributary/domain';
import { AccessKeys, type PlatformStats } from '@tributary/server';
import { RoleProcess } from './role-process.js';
import { settled, type Town } from './town.js';
import { sqlAt } from './up-town.js';

export const roleNames = ['collector', 'processor', 'projector', 'loader', 'api'] as const;
export type RoleName = (typeof roleNames)[number];

/** Keys that the processes of one platform share. */
export const sharedKeys = (): Readonly<Record<string, string>> => ({
  TRIBUTARY_MASTER_KEY: randomBytes(32).toString('base64'),
  TRIBUTARY_LOOKUP_KEY: randomBytes(32).toString('base64'),
});

/** The platform as processes, asked as its users ask it. */
export class DistributedPlatform implements Town {
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

  settled(patience_ms?: number): Promise<PlatformStats> {
    return settled(this, patience_ms);
  }

  sql<Row>(query: string): Promise<readonly Row[]> {
    return sqlAt<Row>(this.env['TRIBUTARY_WAREHOUSE_URL'] as string, query);
  }
}
