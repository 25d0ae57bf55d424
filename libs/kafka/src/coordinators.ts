import { type Broker, type Cluster } from 'kafkajs';
import { isHopeless, rootOf } from './errors.js';

/** As Kafka numbers what a broker coordinates. */
const KINDS = { group: 0, transaction: 1 } as const;

interface AskedBroker extends Broker {
  findGroupCoordinator(asked: { readonly groupId: string; readonly coordinatorType: number }): Promise<unknown>;
}

export const isCoordinatorNotFound = (error: unknown): boolean =>
  (rootOf(error) as Error | undefined)?.name === 'KafkaJSGroupCoordinatorNotFound';

/**
 * Why the client found no coordinator: it asks broker after broker and keeps to itself what they say, also that this user
 * may not know. Answers such a refusal, and otherwise the error that was given: a broker may be away, or not know yet.
 */
export const whyNoCoordinator = async (
  error: unknown,
  cluster: Cluster,
  id: string,
  kind: keyof typeof KINDS,
): Promise<unknown> => {
  if (!isCoordinatorNotFound(error)) return error;
  try {
    await cluster.connect();
    await cluster.refreshMetadata();
    const broker = (await cluster.findControllerBroker()) as AskedBroker;
    await broker.findGroupCoordinator({ groupId: id, coordinatorType: KINDS[kind] });
    return error;
  } catch (refusal) {
    return isHopeless(refusal) ? refusal : error;
  }
};
