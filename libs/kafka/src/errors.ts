import { EngineError, type EngineFailure } from '@tributary/kernel';

export const ENGINE = 'kafka';

/** What no repetition of the same call can mend. Kafka tells a fenced producer of an old epoch. */
const HOPELESS = new Set([
  'CLUSTER_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'INVALID_CONFIG',
  'INVALID_PARTITIONS',
  'INVALID_PRODUCER_EPOCH',
  'INVALID_REPLICATION_FACTOR',
  'INVALID_TIMESTAMP',
  'INVALID_TOPIC_EXCEPTION',
  'MESSAGE_TOO_LARGE',
  'POLICY_VIOLATION',
  'RECORD_LIST_TOO_LARGE',
  'SASL_AUTHENTICATION_FAILED',
  'TOPIC_AUTHORIZATION_FAILED',
  'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
  'UNSUPPORTED_SASL_MECHANISM',
  'UNSUPPORTED_VERSION',
]);

interface KafkaFailure {
  readonly name: string;
  readonly message: string;
  readonly type?: string;
  readonly cause?: unknown;
  readonly errors?: readonly unknown[];
  /** Of records that were to be deleted. */
  readonly partitions?: readonly { readonly error?: unknown }[];
}

const isFailure = (error: unknown): error is KafkaFailure => error instanceof Error;

/** The error below the client's wrappers ("number of retries exceeded"), and below the sum of several. */
export const rootOf = (error: unknown): unknown => {
  if (!isFailure(error)) return error;
  const below = error.errors?.[0] ?? error.partitions?.find((one) => one.error)?.error ?? error.cause;
  return isFailure(below) && below !== error ? rootOf(below) : error;
};

/** The name that Kafka's protocol gives to an error, if it came from a broker. */
export const typeOf = (error: unknown): string | undefined => {
  const root = rootOf(error);
  return isFailure(root) ? root.type : undefined;
};

/** A broker's word that no repetition mends. */
export const isHopeless = (error: unknown): boolean => HOPELESS.has(typeOf(error) ?? '');

const isFatal = (root: KafkaFailure): boolean =>
  HOPELESS.has(root.type ?? '') ||
  root.name === 'KafkaJSSASLAuthenticationError' ||
  // An error of no engine is a bug, whoever's: to try again would hide it.
  ['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError'].includes(root.name);

/** `otherwise`: what is known of the call when the engine was away or its answer was lost. */
export const engineError = (doing: string, error: unknown, otherwise: EngineFailure): EngineError => {
  if (error instanceof EngineError) return error;
  const root = rootOf(error);
  if (!isFailure(root)) return new EngineError(ENGINE, 'fatal', `${doing}: ${String(root)}`, { cause: error });
  const failure = isFatal(root) ? 'fatal' : otherwise;
  return new EngineError(ENGINE, failure, `${doing}: ${root.message}`, { cause: error });
};

/** Runs a call that changes nothing, or that may be made twice. */
export const retriably = async <T>(doing: string, call: () => Promise<T>): Promise<T> => {
  try {
    return await call();
  } catch (error) {
    throw engineError(doing, error, 'retriable');
  }
};
