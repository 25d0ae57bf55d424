import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../../../apps/cli/bin/tributary.mjs', import.meta.url));

export interface RoleProcessOptions {
  readonly role: string;
  readonly env: Readonly<Record<string, string>>;
  readonly dataDir: string;
}

/** `tributary run <role>` in a process of its own, which can be killed and started again on the same port. */
export class RoleProcess {
  #child: ChildProcess | undefined;
  #port = 0;
  #err = '';

  constructor(readonly options: RoleProcessOptions) {}

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** What it wrote to standard error, in all its lives; the newest 64 KiB. */
  get err(): string {
    return this.#err;
  }

  async start(): Promise<void> {
    const { role, env, dataDir } = this.options;
    const child = spawn(
      process.execPath,
      [bin, 'run', role, '--port', String(this.#port), '--data', dataDir, '--json', '--quiet'],
      { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    this.#child = child;
    child.stderr?.on('data', (bytes: Buffer) => (this.#err = (this.#err + bytes.toString()).slice(-65_536)));
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
