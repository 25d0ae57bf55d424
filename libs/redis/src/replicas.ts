import { EngineError } from '@tributary/kernel';
import { type ChainableCommander } from 'ioredis';
import { ENGINE } from './redis-url.js';

/** One command's failure and answer, as the client gives them for a pipeline. */
export type PipelineResult = readonly [Error | null, unknown];

/**
 * WAIT answers for what its own connection wrote, so it goes with what it is to answer for; the write before it, to
 * `place`, lets it answer for what others wrote, too, since replicas get all in one order.
 */
export const queueWait = (
  pipeline: ChainableCommander,
  place: string,
  { replicas, patience_ms }: { readonly replicas: number; readonly patience_ms: number },
): void => {
  pipeline.set(place, '1').wait(replicas, patience_ms);
};

/** `null`: held. Of two errors the write's says why, since a replica only calls WAIT a mistake. */
export const whyNotHeld = (results: readonly PipelineResult[], replicas: number): unknown => {
  const failed = results.find(([error]) => error);
  if (failed) return failed[0];
  const holding = Number(results.at(-1)?.[1]);
  if (holding >= replicas) return null;
  const message = `written, but held by ${holding} of ${replicas} replicas (?replicas of its URL)`;
  return new EngineError(ENGINE, 'retriable', message);
};
