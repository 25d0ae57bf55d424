import { Kafka, type KafkaConfig, logLevel, type Cluster, type LogEntry, type RetryOptions } from 'kafkajs';
import { type KafkaSettings } from './settings.js';
import { Sockets } from './sockets.js';

/**
 * How often a request to the cluster itself (metadata, coordinators, connections) is tried; who needs more has a loop of
 * its own. Stated whole: where NODE_ENV is "test" the client has other defaults.
 */
export const CLUSTER_RETRY: Required<Omit<RetryOptions, 'restartOnFailure'>> = {
  initialRetryTime: 100,
  maxRetryTime: 1000,
  factor: 0.2,
  multiplier: 2,
  retries: 3,
};

/** An unanswered request counts as lost after so long, and its connection with it. */
const REQUEST_TIMEOUT_MS = 10_000;
const CONNECTION_TIMEOUT_MS = 3_000;

/** Told of what the client mends by itself (a broker away, a rebalance): for people, never with records or secrets. */
export type Notice = (message: string) => void;

const CALM_MS = 30_000;
const REMEMBERED = 100;

/** A broker that is away is told of ten times a second: each line once in a while is enough. */
const calmly = (notice: Notice): Notice => {
  const last = new Map<string, number>();
  return (message) => {
    const now_ms = performance.now();
    if (now_ms - (last.get(message) ?? -CALM_MS) < CALM_MS) return;
    if (last.size >= REMEMBERED) last.clear();
    last.set(message, now_ms);
    notice(message);
  };
};

/** What happened, and what a broker or socket said of it; the client's other extras hold payloads of requests and stack traces. */
const textOf = ({ message, error }: LogEntry['log']): string =>
  typeof error === 'string' && !message.includes(error) ? `${message}: ${error}` : message;

/** One way into the cluster: what it makes shares settings and sockets, not connections. */
export interface KafkaClient {
  readonly kafka: Kafka;
  readonly sockets: Sockets;
  /**
   * The same again, for one member of a group: members that are made of one client share a map of committed offsets by
   * group, and whoever of them is assigned anew empties it under the feet of the others (a TypeError amid a fetch).
   */
  ofMember(): Kafka;
}

export const openClient = (settings: KafkaSettings, clientId: string, notice: Notice): KafkaClient => {
  const sockets = new Sockets();
  const told = calmly(notice);
  const settled: KafkaConfig = {
    brokers: [...settings.brokers],
    clientId,
    ssl: settings.ssl,
    ...(settings.sasl && { sasl: settings.sasl }),
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    authenticationTimeout: REQUEST_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    enforceRequestTimeout: true,
    retry: CLUSTER_RETRY,
    socketFactory: sockets.open,
    logLevel: logLevel.ERROR,
    logCreator:
      () =>
      ({ namespace, log }: LogEntry) =>
        told(`${namespace}: ${textOf(log)}`),
  };
  return { kafka: new Kafka(settled), sockets, ofMember: () => new Kafka(settled) };
};

/**
 * The client has no public read of a partition outside a group, but it hands its cluster, with brokers that fetch, to
 * whoever assigns partitions. A consumer that is never run is asked for it: no group ever hears of it.
 */
export const openCluster = ({ kafka, sockets }: KafkaClient): Cluster => {
  let cluster: Cluster | undefined;
  const consumer = kafka.consumer({
    groupId: 'never-joined',
    allowAutoTopicCreation: false,
    retry: CLUSTER_RETRY,
    partitionAssigners: [
      (given) => {
        cluster = given.cluster;
        return { name: 'none', version: 0, assign: async () => [], protocol: () => NOTHING };
      },
    ],
  });
  if (!cluster) throw new TypeError('the Kafka client no longer shows its cluster to assigners');
  sockets.endSilent(consumer);
  return cluster;
};

const NOTHING = { name: 'none', metadata: Buffer.alloc(0) };
