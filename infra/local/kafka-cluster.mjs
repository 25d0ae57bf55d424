/**
 * Several Kafka brokers on this machine, as a company runs them: copies of everything, TLS, and users who may do what they
 * were allowed to and nothing else. For tests.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { selfSigned } from './certificate.mjs';
import { freePort } from './free-port.mjs';
import { quickStart } from './kafka.mjs';
import { forDevelopment, startBroker } from './kafka-process.mjs';

const MECHANISM = 'SCRAM-SHA-512';

/** Brokers talk to each other on a listener of their own, which only this machine reaches. */
const propertiesOf = ({ id, nodes, keystore }) => {
  const { client, internal, controller } = nodes[id - 1];
  return {
    ...forDevelopment,
    'node.id': id,
    'controller.quorum.voters': nodes.map((node, i) => `${i + 1}@127.0.0.1:${node.controller}`).join(','),
    listeners: `CLIENT://127.0.0.1:${client},INTERNAL://127.0.0.1:${internal},CONTROLLER://127.0.0.1:${controller}`,
    'advertised.listeners': `CLIENT://localhost:${client},INTERNAL://127.0.0.1:${internal}`,
    'listener.security.protocol.map': 'CLIENT:SASL_SSL,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'INTERNAL',
    'sasl.enabled.mechanisms': MECHANISM,
    [`listener.name.client.${MECHANISM.toLowerCase()}.sasl.jaas.config`]:
      'org.apache.kafka.common.security.scram.ScramLoginModule required;',
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': keystore,
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    // Those who come over listeners without names: the brokers themselves.
    'super.users': 'User:ANONYMOUS;User:admin',
    'default.replication.factor': nodes.length,
    'min.insync.replicas': 2,
    'replica.lag.time.max.ms': 3_000,
    'broker.session.timeout.ms': 3_000,
    'broker.heartbeat.interval.ms': 500,
  };
};

/**
 * `passwords` by user; `admin`, who may do anything, must be among them. `ca` is the file by which clients know the
 * brokers. Each broker may be stopped or killed, and comes back with `start`.
 */
export const startKafkaCluster = async ({ dir, passwords, brokers = 3, heap_mb = 320 }) => {
  const { certificate, keystore } = selfSigned(join(dir, 'tls'));
  const users = Object.entries(passwords);
  const formatted = users.flatMap(([name, password]) => ['-S', `${MECHANISM}=[name=${name},password=${password}]`]);
  const nodes = [];
  for (let i = 0; i < brokers; i++)
    nodes.push({ client: await freePort(), internal: await freePort(), controller: await freePort() });
  const flags = await quickStart();
  const start = (id) =>
    startBroker(join(dir, String(id)), propertiesOf({ id, nodes, keystore }), { heap_mb, formatted, flags });
  const running = await Promise.all(nodes.map((_, i) => start(i + 1)));
  return {
    hosts: nodes.map(({ client }) => `localhost:${client}`),
    ca: certificate,
    /** By number, from 1, as Kafka names them. */
    stop: (id) => running[id - 1].stop(),
    kill: (id) => running[id - 1].kill(),
    start: async (id) => {
      running[id - 1] = await start(id);
    },
    close: async () => {
      await Promise.all(running.map((broker) => broker.kill()));
      rmSync(dir, { recursive: true, force: true });
    },
  };
};
