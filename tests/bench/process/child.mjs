import { spawn } from 'node:child_process';
import { once } from 'node:events';

const children = new Set();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

const TAIL_CHARS = 4_000;

/** What the processes that still run have complained of: told when something breaks. */
export const complaintsNow = () => [...complaining.values()].map((said) => said()).filter((text) => text !== '');
const complaining = new Map();

/** As the first line of the command has it. */
const NODE_FLAGS = ['--v8-pool-size=0'];

/** A process of ours: what it prints, what it complains of, how it ends. Killed if the benchmark ends before it. */
export const startProcess = (argv, { env = {}, execArgv = [] } = {}) => {
  const child = spawn(process.execPath, [...NODE_FLAGS, ...execArgv, ...argv], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  children.add(child);
  let out = '';
  let complaints = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (complaints = (complaints + text).slice(-TAIL_CHARS)));
  complaining.set(child, () => complaints);
  const ended = once(child, 'close').then(([code, signal]) => {
    children.delete(child);
    complaining.delete(child);
    return { code, signal, out, complaints };
  });
  /** The first whole JSON value that it prints: how our servers say that they are ready. */
  const firstAnswer = async () => {
    for (;;) {
      try {
        return JSON.parse(out);
      } catch {
        // Not all of it yet.
      }
      const over = await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 20))]);
      if (over !== undefined) throw new Error(`${argv.join(' ')} ended: ${over.complaints || over.out}`);
    }
  };
  return {
    pid: child.pid,
    ended,
    firstAnswer,
    /** As Ctrl-C does; it must end well. */
    stop: async () => {
      child.kill('SIGTERM');
      const { code, signal, complaints: said } = await ended;
      if (code !== 0) throw new Error(`${argv[0]} ended with ${code ?? signal}: ${said}`);
    },
  };
};

/** Runs to its end; throws what it complained of. */
export const runProcess = async (argv, options) => {
  const { code, signal, out, complaints } = await startProcess(argv, options).ended;
  if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${code ?? signal}: ${complaints || out}`);
  return out;
};
