import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

const git = (...argv) => {
  try {
    return execFileSync('git', argv, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return '';
  }
};

const model = () => {
  try {
    return /^model name\s*:\s*(.+)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1];
  } catch {
    return undefined;
  }
};

/** `-dirty`: what was measured is not what the commit holds. */
export const commit = () =>
  (git('rev-parse', '--short=10', 'HEAD') || 'no-commit') +
  (git('status', '--porcelain', '-uno') === '' ? '' : '-dirty');

export const machine = () => ({
  cpu: model() ?? cpus()[0]?.model ?? 'unknown',
  cores: availableParallelism(),
  memory_GB: Math.round(totalmem() / 1e9),
  node: process.version,
  platform: `${process.platform}-${process.arch}`,
});

/** Runnable processes over the last minute: on a machine that does something else beside it, figures say little. */
export const load = () => Number(loadavg()[0].toFixed(2));
