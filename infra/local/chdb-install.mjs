/**
 * ClickHouse's engine of an earlier version than the npm package carries: what its Python package carries, unpacked into a
 * cache.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const cache = process.env.TRIBUTARY_ENGINES_CACHE ?? join(homedir(), '.cache', 'tributary-engines');

/** The environment in which `python3` finds the package `chdb` of that version. */
export const installChdb = (version) => {
  const home = join(cache, `chdb-${version}`);
  if (!existsSync(home)) {
    const building = `${home}.${process.pid}`;
    mkdirSync(building, { recursive: true });
    try {
      const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--target', building];
      execFileSync('python3', [...pip, `chdb==${version}`], { stdio: ['ignore', 'ignore', 'pipe'] });
      // Two that install at once: the first wins, both have the same.
      if (!existsSync(home)) renameSync(building, home);
    } finally {
      rmSync(building, { recursive: true, force: true });
    }
  }
  return { ...process.env, PYTHONPATH: home };
};
