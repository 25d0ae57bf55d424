import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const tributary = join(import.meta.dirname, '..', '..', '..', 'apps', 'cli', 'bin', 'tributary.cjs');

const start = (args: readonly string[]): ChildProcess =>
  spawn(process.execPath, [tributary, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });

/** Runs a command as a user would, and answers what it printed with `--json`. @throws what it said, if it failed */
export const runCommand = async <T>(dataDir: string, ...args: readonly string[]): Promise<T> => {
  const child = start([...args, '--data', dataDir, '--json', '--quiet']);
  const [out, err, [code]] = await Promise.all([
    text(child.stdout as NodeJS.ReadableStream),
    text(child.stderr as NodeJS.ReadableStream),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  if (code !== 0) throw new Error(`tributary ${args[0]} ended with ${String(code)}: ${err.trim().slice(-2_000)}`);
  return JSON.parse(out) as T;
};

/** What `up --json` prints when it listens. */
interface Listening {
  readonly url: string;
  readonly sqlUrl: string | null;
}

export interface RunningServer extends Listening {
  readonly dataDir: string;
  stop(): Promise<void>;
}

/** `tributary up` on a data folder, without the sample, on free ports. */
export const startServer = async (dataDir: string): Promise<RunningServer> => {
  const child = start(['up', '--no-sample', '--port', '0', '--sql-port', '0', '--data', dataDir, '--json', '--quiet']);
  let said = '';
  let complaints = '';
  child.stderr?.on('data', (chunk: Buffer) => (complaints = (complaints + chunk.toString()).slice(-4_000)));
  const ended = once(child, 'close');
  const listening = await new Promise<Listening>((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      try {
        resolve(JSON.parse(said) as Listening);
      } catch {
        // Not whole yet.
      }
    });
    void ended.then(() => reject(new Error(`tributary up ended: ${complaints.trim()}`)));
  });
  return {
    ...listening,
    dataDir,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
};
