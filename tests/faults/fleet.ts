import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AccessKeys } from '@tributary/server';
import { type RoleName } from '../e2e/engines/distributed-platform.js';
import { RoleProcess } from '../e2e/engines/role-process.js';

const WATCH_MS = 100;
/** As supervisors do it: at once, then less often. */
const RESTART_MS = 1_000;

export const memberNames = ['collector', 'processor', 'processor-2', 'projector', 'loader', 'api'] as const;
export type MemberName = (typeof memberNames)[number];

export const roleOf = (member: MemberName): RoleName => (member === 'processor-2' ? 'processor' : (member as RoleName));

/** A process that ended without being told to, and the line it said. */
export interface Exit {
  readonly member: MemberName;
  readonly code: number | null;
  readonly lines: readonly string[];
}

export interface FleetOptions {
  readonly envOf: (role: RoleName) => Readonly<Record<string, string>>;
}

/** All roles as processes under a supervisor, which starts again whatever ends. */
export class Fleet {
  readonly #members = new Map<MemberName, RoleProcess>();
  readonly #wanted = new Set<MemberName>();
  readonly #busy = new Set<MemberName>();
  readonly #said = new Map<MemberName, number>();
  readonly exits: Exit[] = [];
  #watching = true;
  #watch: Promise<void> = Promise.resolve();

  private constructor(
    readonly dataDir: string,
    readonly key: string,
  ) {}

  static async begin({ envOf }: FleetOptions): Promise<Fleet> {
    const dataDir = await mkdtemp(join(tmpdir(), 'tributary-faults-roles-'));
    const keys = await AccessKeys.open(join(dataDir, 'access-keys.json'), { now: () => Date.now() });
    const { key } = await keys.create({ kind: 'role', role: 'admin' });
    const fleet = new Fleet(dataDir, key);
    const shared = {
      TRIBUTARY_MASTER_KEY: randomBytes(32).toString('base64'),
      TRIBUTARY_LOOKUP_KEY: randomBytes(32).toString('base64'),
    };
    for (const member of memberNames) {
      const role = roleOf(member);
      fleet.#members.set(member, new RoleProcess({ role, dataDir, env: { ...shared, ...envOf(role) } }));
    }
    for (const member of memberNames) await fleet.join(member);
    fleet.#watch = fleet.#supervise();
    return fleet;
  }

  urlOf(member: MemberName): string {
    return this.of(member).url;
  }

  of(member: MemberName): RoleProcess {
    return this.#members.get(member) as RoleProcess;
  }

  async join(member: MemberName): Promise<void> {
    await this.of(member).start();
    this.#wanted.add(member);
  }

  /** As an orchestrator scales down: SIGTERM, and nobody starts it again. */
  async leave(member: MemberName): Promise<{ readonly exit: number | null; readonly took_ms: number }> {
    this.#wanted.delete(member);
    return this.of(member).stop();
  }

  /** SIGKILL, and it is started again. */
  async kill(member: MemberName): Promise<void> {
    this.#wanted.delete(member);
    await this.of(member).kill();
    this.#said.set(member, this.of(member).err.length);
    await this.of(member).start();
    this.#wanted.add(member);
  }

  async notReady(): Promise<readonly string[]> {
    const answers = await Promise.all([...this.#wanted].map(async (member) => [member, await this.#ready(member)]));
    return answers.flatMap(([member, why]) => (why === null ? [] : `${member}: ${why}`));
  }

  async end(): Promise<void> {
    this.#watching = false;
    this.#wanted.clear();
    await this.#watch;
    await Promise.all([...this.#members.values()].map((process) => process.kill()));
    await rm(this.dataDir, { recursive: true, force: true });
  }

  async #ready(member: MemberName): Promise<string | null> {
    if (this.#busy.has(member) || this.of(member).ended) return 'is being started';
    try {
      const response = await fetch(`${this.urlOf(member)}/health/ready`, { signal: AbortSignal.timeout(5_000) });
      const text = await response.text();
      return response.status === 200 ? null : text.slice(0, 200);
    } catch (error) {
      return String(error).slice(0, 100);
    }
  }

  async #supervise(): Promise<void> {
    while (this.#watching) {
      for (const member of this.#wanted)
        if (this.of(member).ended && !this.#busy.has(member)) {
          this.#busy.add(member);
          void this.#restart(member).finally(() => this.#busy.delete(member));
        }
      await sleep(WATCH_MS);
    }
  }

  async #restart(member: MemberName): Promise<void> {
    const process = this.of(member);
    while (this.#watching && this.#wanted.has(member)) {
      const { exit } = await process.stop();
      this.exits.push({ member, code: exit, lines: this.#newLines(member) });
      const began = await process.start().then(
        () => true,
        () => false,
      );
      if (began) return;
      await sleep(RESTART_MS);
    }
  }

  /** What it said that is not its JSON log. */
  #newLines(member: MemberName): readonly string[] {
    const { err } = this.of(member);
    const before = this.#said.get(member) ?? 0;
    this.#said.set(member, err.length);
    return err
      .slice(err.length >= before ? before : 0)
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('{'));
  }
}
