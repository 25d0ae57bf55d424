import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AccessKeys, type Role } from '@tributary/server';
import { RoleProcess } from './role-process.js';

const WATCH_MS = 100;
/** As supervisors do it: at once, then less often. */
const RESTART_MS = 1_000;
const LAST_WORDS = 6_000;

/** A process that ended without being told to, and what it said that is not its JSON log. */
export interface Exit {
  readonly member: string;
  readonly code: number | null;
  readonly lines: readonly string[];
}

export interface FleetOptions {
  readonly envOf: (role: Role) => Readonly<Record<string, string>>;
  /** Name → role, in the order of their start: topics and tables are made by whoever comes first. */
  readonly members: Readonly<Record<string, Role>>;
  /**
   * Engines fail here, so a role may end by itself, as it says it does: with a code and one line. Whoever ends is started
   * again. Absent: nobody may end, and whoever does stays down.
   */
  readonly supervised?: boolean;
}

const isAsTold = ({ code, lines }: Exit): boolean => code !== null && code !== 0 && lines.length === 1;

/** Roles as processes, watched. */
export class Fleet {
  readonly #members = new Map<string, RoleProcess>();
  readonly #wanted = new Set<string>();
  readonly #busy = new Set<string>();
  readonly #said = new Map<string, number>();
  /** Since somebody took them out. */
  readonly exits: Exit[] = [];
  /** What no role may do, with its last words; since somebody took them out. */
  readonly faults: string[] = [];
  #watching = true;
  #watch: Promise<void> = Promise.resolve();

  private constructor(
    readonly options: FleetOptions,
    readonly dataDir: string,
    /** An admin's. */
    readonly key: string,
  ) {}

  static async begin(options: FleetOptions): Promise<Fleet> {
    const dataDir = await mkdtemp(join(tmpdir(), 'tributary-roles-'));
    const keys = await AccessKeys.open(join(dataDir, 'access-keys.json'), { now: () => Date.now() });
    const { key } = await keys.create({ kind: 'role', role: 'admin' });
    const fleet = new Fleet(options, dataDir, key);
    try {
      for (const [member, role] of Object.entries(options.members)) await fleet.join(member, role);
    } catch (error) {
      await fleet.end();
      throw error;
    }
    fleet.#watch = fleet.#supervise();
    return fleet;
  }

  get members(): readonly string[] {
    return [...this.#members.keys()];
  }

  urlOf(member: string): string {
    return this.of(member).url;
  }

  of(member: string): RoleProcess {
    const process = this.#members.get(member);
    if (!process) throw new Error(`nobody here is called ${member}`);
    return process;
  }

  /** Somebody new, or somebody who left. */
  async join(member: string, role: Role = this.of(member).options.role): Promise<void> {
    const { dataDir, options } = this;
    const process = this.#members.get(member) ?? new RoleProcess({ role, dataDir, env: options.envOf(role) });
    this.#members.set(member, process);
    this.#said.set(member, process.written);
    await process.start();
    this.#wanted.add(member);
  }

  /** As an orchestrator scales down: SIGTERM, and nobody starts it again. */
  async leave(member: string): Promise<{ readonly exit: number | null; readonly took_ms: number }> {
    this.#wanted.delete(member);
    return this.of(member).stop();
  }

  /** SIGKILL, and it is started again. */
  async kill(member: string, away_ms = 0): Promise<void> {
    this.#wanted.delete(member);
    await this.of(member).kill();
    await sleep(away_ms);
    await this.join(member);
  }

  async notReady(): Promise<readonly string[]> {
    const answers = await Promise.all([...this.#wanted].map(async (member) => [member, await this.#ready(member)]));
    return answers.flatMap(([member, why]) => (why === null ? [] : `${member}: ${why}`));
  }

  /** What everybody said last: for the message of a test that fails. */
  get said(): string {
    return [...this.#members].map(([member, { err }]) => `== ${member}\n${err.slice(-LAST_WORDS)}`).join('\n');
  }

  async end(): Promise<void> {
    this.#watching = false;
    this.#wanted.clear();
    await this.#watch;
    await Promise.all([...this.#members.values()].map((process) => process.kill()));
    await rm(this.dataDir, { recursive: true, force: true });
  }

  async #ready(member: string): Promise<string | null> {
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
          void this.#ended(member).finally(() => this.#busy.delete(member));
        }
      await sleep(WATCH_MS);
    }
  }

  async #ended(member: string): Promise<void> {
    const process = this.of(member);
    while (this.#watching && this.#wanted.has(member)) {
      const { exit: code } = await process.stop();
      const exit = { member, code, lines: this.#newLines(member) };
      this.exits.push(exit);
      if (!this.options.supervised || !isAsTold(exit))
        this.faults.push(`${member} ended by itself with ${code}, and said:\n${process.err.slice(-LAST_WORDS)}`);
      if (!this.options.supervised) return void this.#wanted.delete(member);
      const began = await process.start().then(
        () => true,
        () => false,
      );
      if (began) return;
      await sleep(RESTART_MS);
    }
  }

  #newLines(member: string): readonly string[] {
    const { err, written } = this.of(member);
    const before = this.#said.get(member) ?? 0;
    this.#said.set(member, written);
    return (written === before ? '' : err.slice(before - written))
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('{"level":'));
  }
}
