import { randomBytes } from 'node:crypto';
import { type Profile } from '@tributary/domain';
import { type PlatformStats, type Role, roles } from '@tributary/server';
import { Fleet } from './fleet.js';
import { settled, type Town } from './town.js';
import { sqlAt } from './up-town.js';

/** Keys that the processes of one platform share. */
export const sharedKeys = (): Readonly<Record<string, string>> => ({
  TRIBUTARY_MASTER_KEY: randomBytes(32).toString('base64'),
  TRIBUTARY_LOOKUP_KEY: randomBytes(32).toString('base64'),
});

/** One process of each role, called as its role. */
export const oneOfEach = Object.fromEntries(roles.map((role) => [role, role])) as Readonly<Record<Role, Role>>;

/** The platform as processes, asked as its users ask it. Nobody ends by themselves: whoever does fails the test at once. */
export class DistributedPlatform implements Town {
  private constructor(
    readonly env: Readonly<Record<string, string>>,
    readonly fleet: Fleet,
  ) {}

  static async begin(env: Readonly<Record<string, string>>): Promise<DistributedPlatform> {
    return new DistributedPlatform(env, await Fleet.begin({ envOf: () => env, members: oneOfEach }));
  }

  async end(): Promise<void> {
    await this.fleet.end();
    this.stands();
  }

  /** Throws if it does not, with the last words of whoever ended. */
  stands(): void {
    if (this.fleet.faults.length > 0) throw new Error(this.fleet.faults.join('\n'));
  }

  /** Until it is answered: who is away is asked again, as a producer does. */
  async take(channel: string, touchpoints: readonly object[], patience_ms = 60_000): Promise<void> {
    const body = JSON.stringify(touchpoints);
    for (const late_ms = performance.now() + patience_ms; ;) {
      this.stands();
      const said = await this.#post(channel, body);
      if (said === null) return;
      if (performance.now() > late_ms) throw new Error(`not accepted: ${said}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  async #post(channel: string, body: string): Promise<string | null> {
    try {
      const response = await fetch(`${this.fleet.urlOf('collector')}/v1/touchpoints?channel=${channel}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${this.fleet.key}` },
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
    this.stands();
    const response = await fetch(new URL(path, this.fleet.urlOf('api')));
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

  get said(): string {
    return this.fleet.said;
  }

  sql<Row>(query: string): Promise<readonly Row[]> {
    return sqlAt<Row>(this.env['TRIBUTARY_WAREHOUSE_URL'] as string, query);
  }
}
