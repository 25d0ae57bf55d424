/**
 * Redis as Debian ships it: the one on the path, or its packages unpacked into a cache without root.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

const packages = ['redis-server', 'redis-tools', 'libjemalloc2', 'liblzf1', 'libatomic1'];
const cache = process.env.TRIBUTARY_ENGINES_CACHE ?? join(homedir(), '.cache', 'tributary-engines');

const onPath = (name) =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((file) => existsSync(file));

const libraryFolders = (root) => {
  const lib = join(root, 'usr', 'lib');
  return readdirSync(lib)
    .map((folder) => join(lib, folder))
    .filter((folder) => readdirSync(folder).some((file) => file.includes('.so.')));
};

const unpack = (root) => {
  for (const tool of ['apt-get', 'dpkg-deb'])
    if (!onPath(tool)) throw new Error(`there is no redis-server and no ${tool} to get it with; install redis`);
  const building = `${root}.${process.pid}`;
  mkdirSync(building, { recursive: true });
  try {
    execFileSync('apt-get', ['download', ...packages], { cwd: building, stdio: ['ignore', 'ignore', 'pipe'] });
    for (const file of readdirSync(building).filter((name) => name.endsWith('.deb'))) {
      execFileSync('dpkg-deb', ['-x', file, '.'], { cwd: building });
      rmSync(join(building, file));
    }
    // Two that install at once: the first wins, both have the same.
    if (!existsSync(root)) renameSync(building, root);
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
};

/** Where the programs are, and the environment that they need. */
export const installRedis = () => {
  const server = onPath('redis-server');
  const cli = onPath('redis-cli');
  if (server && cli) return { server, cli, env: process.env };
  const root = join(cache, 'redis');
  if (!existsSync(root)) unpack(root);
  const bin = join(root, 'usr', 'bin');
  const LD_LIBRARY_PATH = [...libraryFolders(root), process.env.LD_LIBRARY_PATH].filter(Boolean).join(':');
  return { server: join(bin, 'redis-server'), cli: join(bin, 'redis-cli'), env: { ...process.env, LD_LIBRARY_PATH } };
};
