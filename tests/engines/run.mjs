/**
 * `npm run test:engines [-- kafka …]`: starts the engines that suites share, runs the suites against them, ends them.
 * Whatever does not run is a failure here. An engine already at hand is used where the environment names it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startKafka } from '../../infra/local/kafka.mjs';

/** Variable that names the engine → how one is started in a folder. Suites that start their own engine need no line. */
const engines = {
  TRIBUTARY_TEST_KAFKA_URL: (dir) => startKafka({ dir }),
};

const root = fileURLToPath(new URL('../..', import.meta.url));
const wanted = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'tributary-engines-'));
const running = [];
const env = { ...process.env, TRIBUTARY_TEST_ENGINES: 'required' };
/** Suites of the whole platform need every engine; those of one adapter are named after theirs. */
const isWanted = (variable) =>
  wanted.length === 0 ||
  wanted.some((name) => variable.includes(name.split('-')[0].toUpperCase())) ||
  wanted.some((name) => existsSync(join(root, 'tests', 'e2e', 'engines', `${name}.spec.ts`)));

const suites = async () => {
  for (const [variable, start] of Object.entries(engines)) {
    if (env[variable] || !isWanted(variable)) continue;
    const engine = await start(join(folder, variable.toLowerCase()));
    running.push(engine);
    env[variable] = engine.url;
  }
  const jest = [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    join('node_modules', 'jest', 'bin', 'jest.js'),
    // One after the other: they disturb engines and watch the clock.
    '--runInBand',
    // A test that failed may have left a client open: the run must end all the same.
    '--forceExit',
    ...(wanted.length > 0
      ? wanted.map((name) => `tests/(e2e/)?engines/${name}`)
      : ['tests/engines', 'tests/e2e/engines']),
  ];
  const child = spawn(process.execPath, jest, { cwd: root, env, stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => child.kill(signal));
  const [code] = await once(child, 'exit');
  return code ?? 1;
};

try {
  process.exitCode = await suites();
} finally {
  await Promise.all(running.map((engine) => engine.stop()));
  rmSync(folder, { recursive: true, force: true });
}
