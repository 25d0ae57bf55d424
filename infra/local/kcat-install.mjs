/** kcat as Debian ships it: the one on the path, or its packages unpacked into a cache without root. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const packages = ['kcat', 'librdkafka1', 'libyajl2'];
const cache = process.env.TRIBUTARY_ENGINES_CACHE ?? join(homedir(), '.cache', 'tributary-engines');

const unpack = (root) => {
  const building = `${root}.${process.pid}`;
  mkdirSync(building, { recursive: true });
  try {
    execFileSync('apt-get', ['download', ...packages], { cwd: building, stdio: ['ignore', 'ignore', 'pipe'] });
    for (const file of readdirSync(building)) execFileSync('dpkg-deb', ['-x', file, '.'], { cwd: building });
    // Two that install at once: the first wins, both have the same.
    if (!existsSync(root)) renameSync(building, root);
  } catch (error) {
    throw new Error(`there is no kcat, and it could not be fetched: install kcat (${error.message})`);
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
};

/** Where the program is, and the environment that it needs. */
export const installKcat = () => {
  if (!spawnSync('kcat', ['-V']).error) return { kcat: 'kcat', env: process.env };
  const root = join(cache, 'kcat');
  if (!existsSync(root)) unpack(root);
  const lib = join(root, 'usr', 'lib');
  const LD_LIBRARY_PATH = [...readdirSync(lib).map((folder) => join(lib, folder)), process.env.LD_LIBRARY_PATH]
    .filter(Boolean)
    .join(':');
  return { kcat: join(root, 'usr', 'bin', 'kcat'), env: { ...process.env, LD_LIBRARY_PATH } };
};
