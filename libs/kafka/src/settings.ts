import { readFileSync } from 'node:fs';
import { type ConnectionOptions } from 'node:tls';
import { type SASLOptions } from 'kafkajs';
import { EngineError } from '@tributary/kernel';
import { ENGINE } from './errors.js';

/** What is read from the environment beside the URL. */
export const kafkaSettingNames = [
  'TRIBUTARY_KAFKA_USERNAME',
  'TRIBUTARY_KAFKA_PASSWORD',
  'TRIBUTARY_KAFKA_CA',
  'TRIBUTARY_KAFKA_CERT',
  'TRIBUTARY_KAFKA_KEY',
] as const;

/** Where Kafka is and how to be let in. */
export interface KafkaSettings {
  readonly brokers: readonly string[];
  /** Goes before the name of every topic, group and transactional id, so that several platforms share a cluster. */
  readonly prefix: string;
  /** Copies of each new topic; absent: the cluster's own default. */
  readonly replication?: number;
  readonly ssl: boolean | ConnectionOptions;
  readonly sasl?: SASLOptions;
}

const MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;
const KNOWN = new Set(['prefix', 'replication', 'ssl', 'sasl']);
/** What Kafka allows in the name of a topic. */
const PREFIX = /^[a-zA-Z0-9._-]{0,100}$/;

const refuse = (why: string): never => {
  throw new EngineError(ENGINE, 'fatal', why);
};

/**
 * `kafka://[user:password@]host:port[,host:port…]/?prefix=…&replication=…&ssl=true&sasl=scram-sha-512`
 *
 * Secrets are better kept in the environment, which wins: TRIBUTARY_KAFKA_USERNAME, _PASSWORD, and the paths of PEM files
 * in _CA, _CERT and _KEY. No message of this file repeats the URL, since it may hold a password.
 */
export const parseKafkaUrl = (url: string, env: NodeJS.ProcessEnv = {}): KafkaSettings => {
  const parts = /^kafka:\/\/(?:([^/?#]*)@)?([^/?#@]+)\/?(?:\?([^#]*))?$/.exec(url);
  if (!parts) return refuse('the URL is not of the form kafka://host:port[,host:port]/?prefix=…');
  const [, user = '', hosts = '', query = ''] = parts;
  const brokers = hosts.split(',').map((host) => (/:\d+$/.test(host) ? host : `${host}:9092`));
  const given = new URLSearchParams(query);
  for (const name of given.keys())
    if (!KNOWN.has(name)) refuse(`the URL knows ?${[...KNOWN].join(', ?')}, not ?${name}`);
  const prefix = given.get('prefix') ?? '';
  if (!PREFIX.test(prefix)) refuse('prefix may hold letters, digits, dot, underscore and hyphen');
  const replication = given.get('replication');
  if (replication !== null && !/^[1-9]\d?$/.test(replication)) refuse('replication is a number from 1 to 99');
  const sasl = saslOf(given.get('sasl'), user, env);
  return {
    brokers,
    prefix,
    ...(replication !== null && { replication: Number(replication) }),
    ssl: sslOf(given.get('ssl'), env),
    ...(sasl && { sasl }),
  };
};

/** Whether a broker is told the password as it is, for whoever listens on the way: SASL PLAIN without TLS. */
export const tellsPassword = ({ ssl, sasl }: KafkaSettings): boolean => sasl?.mechanism === 'plain' && ssl === false;

const saslOf = (mechanism: string | null, user: string, env: NodeJS.ProcessEnv): SASLOptions | undefined => {
  const colon = user.indexOf(':');
  const [name, secret] = colon < 0 ? [user, ''] : [user.slice(0, colon), user.slice(colon + 1)];
  const username = env['TRIBUTARY_KAFKA_USERNAME'] ?? decodeURIComponent(name);
  const password = env['TRIBUTARY_KAFKA_PASSWORD'] ?? decodeURIComponent(secret);
  const wanted = mechanism ?? (username === '' ? undefined : 'plain');
  if (wanted === undefined) return undefined;
  const known = MECHANISMS.find((one) => one === wanted);
  if (!known) return refuse(`sasl is one of ${MECHANISMS.join(', ')}`);
  if (username === '' || password === '') refuse('sasl needs a user name and a password');
  return { mechanism: known, username, password };
};

const sslOf = (given: string | null, env: NodeJS.ProcessEnv): boolean | ConnectionOptions => {
  if (given !== null && given !== 'true' && given !== 'false') refuse('ssl is true or false');
  if (given === 'false') return false;
  const pem = (name: string) => {
    const path = env[name];
    if (path === undefined || path === '') return undefined;
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return refuse(`${name}: the file cannot be read: check its path and mode`);
    }
  };
  const [ca, cert, key] = [pem('TRIBUTARY_KAFKA_CA'), pem('TRIBUTARY_KAFKA_CERT'), pem('TRIBUTARY_KAFKA_KEY')];
  if (!ca && !cert && !key) return given === 'true';
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
};
