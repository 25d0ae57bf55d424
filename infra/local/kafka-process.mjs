/**
 * What it takes to run a Kafka broker on a bare machine: its class path from Maven, a formatted folder, a process that has
 * said that it is up. Which brokers there are is up to `kafka.mjs` (one) and `kafka-cluster.mjs` (several).
 */
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const STARTED = 'Kafka Server started';
const patience_ms = 90_000;

const needed = (command, args, hint) => {
  const { error, status } = spawnSync(command, args, { stdio: 'ignore' });
  if (error || status !== 0) throw new Error(`${command} is missing: ${hint}`);
};

/** The folder of the broker's libraries; fetched once into the cache (`TRIBUTARY_ENGINES_CACHE`, else ~/.cache/tributary-engines). */
export const installKafka = (cache = process.env.TRIBUTARY_ENGINES_CACHE) => {
  const pom = join(here, 'kafka-pom.xml');
  const version = /kafka_2\.13<\/artifactId>\s*<version>([^<]+)/.exec(readFileSync(pom, 'utf8'))[1];
  const libs = join(resolve(cache ?? join(homedir(), '.cache', 'tributary-engines')), `kafka-${version}`);
  needed('java', ['-version'], 'install Java 17 or newer, e.g. apt-get install openjdk-17-jre-headless');
  if (!existsSync(libs)) {
    needed('mvn', ['--version'], 'install Maven, e.g. apt-get install maven');
    // Beside its place first: an interrupted download must not look like a whole one.
    const partial = `${libs}.${process.pid}`;
    mkdirSync(partial, { recursive: true });
    const args = ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${partial}`];
    const { status } = spawnSync('mvn', [...args, '-DincludeScope=runtime'], { stdio: ['ignore', 2, 2] });
    if (status !== 0) throw new Error('Maven could not fetch Kafka: see its lines above');
    if (existsSync(libs)) rmSync(partial, { recursive: true });
    else renameSync(partial, libs);
  }
  return libs;
};

/** Of a broker for development: few internal partitions, no wait for late members of a group. */
export const forDevelopment = {
  'process.roles': 'broker,controller',
  'controller.listener.names': 'CONTROLLER',
  'auto.create.topics.enable': false,
  'offsets.topic.num.partitions': 5,
  'transaction.state.log.num.partitions': 5,
  'group.initial.rebalance.delay.ms': 0,
  'log.cleaner.backoff.ms': 1000,
  'log.cleaner.dedupe.buffer.size': 4 * 1024 * 1024,
  'log.retention.check.interval.ms': 5000,
};

/** A broker that lives for a minute is gone before what C2 compiles for it pays; `forLoad`: one that is measured is not. */
const java = (libraries, { heap_mb, logFile, forLoad = false, flags = [] }) => [
  `-Xmx${heap_mb}m`,
  '-XX:+UseSerialGC',
  ...(forLoad ? [] : ['-XX:TieredStopAtLevel=1']),
  ...flags,
  `-Dlog4j2.configurationFile=${join(here, 'kafka-log4j2.properties')}`,
  `-Dkafka.log.file=${logFile}`,
  '-cp',
  join(libraries, '*'),
];

const format = (libraries, dir, config, flags, more) => {
  if (existsSync(join(dir, 'log', 'meta.properties'))) return;
  const args = ['kafka.tools.StorageTool', 'format', '-t', 'dHJpYnV0YXJ5LWxvY2FsMQ', '-c', config, ...more];
  const { status, stderr, stdout } = spawnSync('java', [
    ...java(libraries, { heap_mb: 128, logFile: join(dir, 'format.log'), flags }),
    ...args,
  ]);
  if (status !== 0) throw new Error(`Kafka's storage could not be formatted:\n${stdout}${stderr}`);
};

const started = async (child, logFile) => {
  for (const end = Date.now() + patience_ms; Date.now() < end; await pause(100)) {
    const log = existsSync(logFile) ? readFileSync(logFile, 'utf8') : '';
    if (log.includes(STARTED)) return;
    if (child.exitCode !== null) throw new Error(`Kafka ended with ${child.exitCode}:\n${log.slice(-3000)}`);
  }
  child.kill('SIGKILL');
  throw new Error(`Kafka did not start within ${patience_ms} ms: see ${logFile}`);
};

/**
 * Starts a broker over `dir`, formatted when it is new. `properties` are Kafka's own, but for `log.dirs`; `formatted` are
 * further arguments of its storage tool, `flags` of its JVM. `stop` is orderly; `kill` is SIGKILL; `pause` and `resume` freeze it (its
 * connections stay open, and answer nothing).
 */
export const startBroker = async (
  dir,
  properties,
  { heap_mb = 384, formatted = [], forLoad = false, flags = [] } = {},
) => {
  const folder = resolve(dir);
  const libraries = installKafka();
  mkdirSync(folder, { recursive: true });
  const config = join(folder, 'server.properties');
  const logFile = join(folder, 'kafka.log');
  const lines = Object.entries({ ...properties, 'log.dirs': join(folder, 'log') });
  // Passwords among them.
  writeFileSync(config, lines.map(([name, value]) => `${name}=${value}\n`).join(''), { mode: 0o600 });
  const shared = flags.filter((flag) => flag.startsWith('-XX:SharedArchiveFile'));
  format(libraries, folder, config, shared, formatted);
  rmSync(logFile, { force: true });
  const out = openSync(join(folder, 'out.log'), 'a');
  const child = spawn('java', [...java(libraries, { heap_mb, logFile, forLoad, flags }), 'kafka.Kafka', config], {
    stdio: ['ignore', out, out],
  });
  closeSync(out);
  const orphaned = () => child.kill('SIGKILL');
  process.once('exit', orphaned);
  const end = async (signal) => {
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      child.kill('SIGCONT');
      child.kill(signal);
      const late = setTimeout(() => child.kill('SIGKILL'), 60_000);
      await gone;
      clearTimeout(late);
    }
    process.removeListener('exit', orphaned);
  };
  await started(child, logFile);
  return {
    dir: folder,
    pid: child.pid,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    pause: () => child.kill('SIGSTOP'),
    resume: () => child.kill('SIGCONT'),
    ended: once(child, 'exit'),
  };
};
