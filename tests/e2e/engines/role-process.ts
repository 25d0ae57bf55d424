import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Role } from '@tributary/server';

const bin = fileURLToPath(new URL('../../../apps/cli/bin/tributary.cjs', import.meta.url));

export interface RoleProcessOptions {
  readonly role: Role;
  readonly env: Readonly<Record<string, string>>;
  readonly dataDir: string;
}

const running = new Set<ChildProcess>();
/** A test that is ended from outside leaves nobody behind. */
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** `tributary run <role>` in a process of its own, which can be killed and started again on the same port. */
export class RoleProcess {
  #child: ChildProcess | undefined;
  #port = 0;
  #err = '';
  #written = 0;

  constructor(readonly options: RoleProcessOptions) {}

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error(`${this.options.role} does not run`);
    return pid;
  }

  /** What it wrote to standard error, in all its lives; the newest 64 KiB. */
  get err(): string {
    return this.#err;
  }

  /** How many characters that were, the forgotten ones included. */
  get written(): number {
    return this.#written;
  }

  async start(): Promise<void> {
    const { role, env, dataDir } = this.options;
    const child = spawn(
      process.execPath,
      [bin, 'run', role, '--port', String(this.#port), '--data', dataDir, '--json', '--quiet'],
      { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    this.#child = child;
    running.add(child);
    child.once('exit', () => running.delete(child));
    child.stderr?.on('data', (bytes: Buffer) => {
      const text = bytes.toString();
      this.#written += text.length;
      this.#err = (this.#err + text).slice(-65_536);
    });
    let out = '';
    for await (const line of createInterface({ input: child.stdout! })) {
      out += line;
      if (!out.includes('}')) continue;
      this.#port = Number(new URL((JSON.parse(out) as { url: string }).url).port);
      child.stdout?.resume();
      return;
    }
    throw new Error(`${role} did not start: ${this.#err}`);
  }

  /** SIGTERM; answers the exit code and how long it took. */
  async stop(): Promise<{ readonly exit: number | null; readonly took_ms: number }> {
    const began = performance.now();
    const exit = await this.#end('SIGTERM');
    return { exit, took_ms: performance.now() - began };
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  get ended(): boolean {
    return this.#child === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child;
    if (!child) return null;
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill(signal);
      await ended;
    }
    this.#child = undefined;
    return child.exitCode;
  }
}
