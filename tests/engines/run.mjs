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

/** Suites one after the other: they disturb engines and watch the clock. `kept`: what they say is told when they are done. */
const inTurn = async (patterns, kept) => {
  const jest = [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    join('node_modules', 'jest', 'bin', 'jest.js'),
    '--runInBand',
    // A test that failed may have left a client open: the run must end all the same.
    '--forceExit',
    ...patterns,
  ];
  const out = kept ? 'pipe' : 'inherit';
  const child = spawn(process.execPath, jest, { cwd: root, env, stdio: ['inherit', out, out] });
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => child.kill(signal));
  const said = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (bytes) => said.push(bytes));
  const [code] = await once(child, 'close');
  return { code: code ?? 1, said: Buffer.concat(said) };
};

const suites = async () => {
  for (const [variable, start] of Object.entries(engines)) {
    if (env[variable] || !isWanted(variable)) continue;
    const engine = await start(join(folder, variable.toLowerCase()));
    running.push(engine);
    env[variable] = engine.url;
  }
  if (wanted.length > 0)
    return (
      await inTurn(
        wanted.map((name) => `tests/(e2e/)?engines/${name}`),
        false,
      )
    ).code;
  // Suites of one adapter mostly wait for time-outs, and leave the cores to the platform beside them; but not those in which
  // brokers are started, which take both: beside the platform's they gain nothing, and bring it near its time-outs.
  const adapters = inTurn(['tests/engines/(?!kafka-)'], true);
  const platform = await inTurn(['tests/e2e/engines', 'tests/engines/kafka-'], false);
  const { code, said } = await adapters;
  process.stdout.write(said);
  return Math.max(platform.code, code);
};

try {
  process.exitCode = await suites();
} finally {
  await Promise.all(running.map((engine) => engine.stop()));
  rmSync(folder, { recursive: true, force: true });
}
