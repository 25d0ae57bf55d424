#!/usr/bin/env node
/**
 * A real Kafka broker on a bare machine: Java 17 and Maven, no container. Both roles of KRaft in one small process.
 *
 *   node infra/local/kafka.mjs install
 *   node infra/local/kafka.mjs start --dir ./data/kafka --port 9092      (until SIGINT or SIGTERM)
 *
 * Tests import `startKafka`: it can be stopped, killed, paused, and started again over the same folder.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { freePort } from './free-port.mjs';
import { sharedClasses } from './kafka-classes.mjs';
import { forDevelopment, installKafka, startBroker } from './kafka-process.mjs';

const jaas = ({ username, password }) =>
  `org.apache.kafka.common.security.plain.PlainLoginModule required username="${username}" password="${password}" user_${username}="${password}";`;

/** No replicas. */
const alone = {
  'offsets.topic.replication.factor': 1,
  'transaction.state.log.replication.factor': 1,
  'transaction.state.log.min.isr': 1,
  'share.coordinator.state.topic.replication.factor': 1,
  'share.coordinator.state.topic.min.isr': 1,
};

const propertiesOf = ({ port, advertisedPort, controllerPort, sasl }) => {
  const protocol = sasl ? 'SASL_PLAINTEXT' : 'PLAINTEXT';
  return {
    ...forDevelopment,
    ...alone,
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `CLIENT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `CLIENT://127.0.0.1:${advertisedPort ?? port}`,
    'listener.security.protocol.map': `CLIENT:${protocol},CONTROLLER:PLAINTEXT`,
    'inter.broker.listener.name': 'CLIENT',
    ...(sasl && {
      'sasl.enabled.mechanisms': 'PLAIN',
      'sasl.mechanism.inter.broker.protocol': 'PLAIN',
      'listener.name.client.plain.sasl.jaas.config': jaas(sasl),
    }),
  };
};

const startedOnce = async (dir, flags) => {
  const properties = propertiesOf({ port: await freePort(), controllerPort: await freePort() });
  await (await startBroker(dir, properties, { flags })).stop();
};

/** Flags of a broker's JVM by which it starts sooner. */
export const quickStart = () => sharedClasses(installKafka(), startedOnce);

/**
 * Starts the broker over `dir`: the same folder and port give the same broker again. Clients are sent to `advertisedPort`,
 * where somebody may stand between them and the broker.
 */
export const startKafka = async ({ dir, port, advertisedPort, heap_mb, sasl, forLoad }) => {
  const client = port ?? (await freePort());
  const properties = propertiesOf({ port: client, advertisedPort, controllerPort: await freePort(), sasl });
  const broker = await startBroker(dir, properties, { heap_mb, forLoad, flags: await quickStart() });
  return { url: `kafka://127.0.0.1:${client}`, port: client, ...broker };
};

const command = async () => {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { dir: { type: 'string', default: './data/kafka' }, port: { type: 'string', default: '9092' } },
  });
  if (positionals[0] === 'install') return void process.stdout.write(`${installKafka()}\n`);
  if (positionals[0] !== 'start') throw new Error('usage: kafka.mjs install | start [--dir DIR] [--port PORT]');
  const broker = await startKafka({ dir: values.dir, port: Number(values.port), forLoad: true });
  process.stdout.write(`${broker.url}\n`);
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void broker.stop());
  await broker.ended;
};

if (process.argv[1] === fileURLToPath(import.meta.url))
  command().catch((error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
