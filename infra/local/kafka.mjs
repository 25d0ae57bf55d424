#!/usr/bin/env node
/**
 * A real Kafka broker on a bare machine: Java 17 and Maven, no container. Both roles of KRaft in one small process.
 *
 *   node infra/local/kafka.mjs install
 *   node infra/local/kafka.mjs start --dir ./data/kafka --port 9092      (until SIGINT or SIGTERM)
 *
 * Tests import `startKafka`: it can be stopped, killed, paused, and started again over the same folder.
 */
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { freePort } from './free-port.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const STARTED = 'Kafka Server started';
const patience_ms = 90_000;

const needed = (command, args, hint) => {
  const { error, status } = spawnSync(command, args, { stdio: 'ignore' });
  if (error || status !== 0) throw new Error(`${command} is missing: ${hint}`);
};

/** The broker's class path; fetched once into the cache (`TRIBUTARY_ENGINES_CACHE`, else ~/.cache/tributary-engines). */
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
  return join(libs, '*');
};

const jaas = ({ username, password }) =>
  `org.apache.kafka.common.security.plain.PlainLoginModule required username="${username}" password="${password}" user_${username}="${password}";`;

/** One broker for development: no replicas, few internal partitions, no wait for late members of a group. */
const properties = ({ dir, port, advertisedPort, controllerPort, sasl }) => {
  const protocol = sasl ? 'SASL_PLAINTEXT' : 'PLAINTEXT';
  return {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `CLIENT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `CLIENT://127.0.0.1:${advertisedPort ?? port}`,
    'listener.security.protocol.map': `CLIENT:${protocol},CONTROLLER:PLAINTEXT`,
    'inter.broker.listener.name': 'CLIENT',
    'controller.listener.names': 'CONTROLLER',
    ...(sasl && {
      'sasl.enabled.mechanisms': 'PLAIN',
      'sasl.mechanism.inter.broker.protocol': 'PLAIN',
      'listener.name.client.plain.sasl.jaas.config': jaas(sasl),
    }),
    'log.dirs': join(dir, 'log'),
    'auto.create.topics.enable': false,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 5,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 5,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    'log.cleaner.backoff.ms': 1000,
    'log.cleaner.dedupe.buffer.size': 4 * 1024 * 1024,
    'log.retention.check.interval.ms': 5000,
  };
};

const java = (classPath, heap_mb, logFile) => [
  `-Xmx${heap_mb}m`,
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=4',
  `-Dlog4j2.configurationFile=${join(here, 'kafka-log4j2.properties')}`,
  `-Dkafka.log.file=${logFile}`,
  '-cp',
  classPath,
];

const format = (classPath, dir, config) => {
  if (existsSync(join(dir, 'log', 'meta.properties'))) return;
  const args = ['kafka.tools.StorageTool', 'format', '-t', 'dHJpYnV0YXJ5LWxvY2FsMQ', '-c', config];
  const { status, stderr, stdout } = spawnSync('java', [...java(classPath, 128, join(dir, 'format.log')), ...args]);
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
 * Starts a broker over `dir`, formatted when it is new. The same folder and port give the same broker again.
 * Clients are sent to `advertisedPort`, where somebody may stand between them and the broker.
 * `stop` is orderly; `kill` is SIGKILL; `pause` and `resume` freeze it (its connections stay open, and answer nothing).
 */
export const startKafka = async ({ dir, port, advertisedPort, heap_mb = 384, sasl }) => {
  const folder = resolve(dir);
  const classPath = installKafka();
  mkdirSync(folder, { recursive: true });
  const client = port ?? (await freePort());
  const config = join(folder, 'server.properties');
  const logFile = join(folder, 'kafka.log');
  const given = properties({ dir: folder, port: client, advertisedPort, controllerPort: await freePort(), sasl });
  const lines = Object.entries(given).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(config, lines.join(''));
  format(classPath, folder, config);
  rmSync(logFile, { force: true });
  const out = openSync(join(folder, 'out.log'), 'a');
  const child = spawn('java', [...java(classPath, heap_mb, logFile), 'kafka.Kafka', config], {
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
      const late = setTimeout(() => child.kill('SIGKILL'), 20_000);
      await gone;
      clearTimeout(late);
    }
    process.removeListener('exit', orphaned);
  };
  await started(child, logFile);
  return {
    url: `kafka://127.0.0.1:${client}`,
    port: client,
    dir: folder,
    pid: child.pid,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    pause: () => child.kill('SIGSTOP'),
    resume: () => child.kill('SIGCONT'),
    ended: once(child, 'exit'),
  };
};

const command = async () => {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { dir: { type: 'string', default: './data/kafka' }, port: { type: 'string', default: '9092' } },
  });
  if (positionals[0] === 'install') return void process.stdout.write(`${installKafka()}\n`);
  if (positionals[0] !== 'start') throw new Error('usage: kafka.mjs install | start [--dir DIR] [--port PORT]');
  const broker = await startKafka({ dir: values.dir, port: Number(values.port) });
  process.stdout.write(`${broker.url}\n`);
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void broker.stop());
  await broker.ended;
};

if (process.argv[1] === fileURLToPath(import.meta.url))
  command().catch((error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
