import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../../apps/cli/bin/tributary.cjs', import.meta.url));
const START_MS = 60_000;

const children = new Set();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

/** Runs one command of the CLI in a process of its own; its words go to a file. */
export const startCli = (argv, logFile) => {
  const child = spawn(process.execPath, [bin, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  let out = '';
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => appendFileSync(logFile, chunk));
  const ended = once(child, 'close').then(([code, signal]) => {
    children.delete(child);
    return { code, signal, out };
  });
  return {
    child,
    ended,
    get isRunning() {
      return children.has(child);
    },
    get out() {
      return out;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
};

/** The server under test: always on the same port and folder, so that whoever talks to it finds it again. */
export class ServerProcess {
  #process;
  sqlUrl = null;

  constructor(dataDir, port, logFile) {
    this.dataDir = dataDir;
    this.port = port;
    this.logFile = logFile;
    this.url = `http://127.0.0.1:${port}`;
  }

  /** Begins to start; resolves at once. */
  launch() {
    appendFileSync(this.logFile, '--- start\n');
    this.#process = startCli(
      ['up', '--no-sample', '--json', '--data', this.dataDir, '--port', String(this.port), '--sql-port', '0'],
      this.logFile,
    );
  }

  /** Resolves when it has said where it listens. */
  async ready() {
    const process = this.#process;
    for (const deadline = Date.now() + START_MS; ;) {
      if (process.out.includes('}\n')) break;
      if (!process.isRunning || Date.now() > deadline)
        throw new Error(`the server did not start:\n${readFileSync(this.logFile, 'utf8').slice(-3_000)}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    this.sqlUrl = JSON.parse(process.out).sqlUrl;
  }

  get isRunning() {
    return this.#process?.isRunning ?? false;
  }

  async kill() {
    await this.#process.kill();
  }

  /** As Ctrl-C does; answers the exit code. */
  async stop() {
    this.#process.child.kill('SIGTERM');
    const { code } = await this.#process.ended;
    return code;
  }
}
