import { type Log, messageOf } from '@tributary/kernel';
import { Relay, waitingFor } from '@tributary/pipeline';
import { type Logger } from 'pino';
import { type Keeping, keepRunning } from '../stages/keep-running.js';
import { seldom } from '../stages/seldom.js';

const GROUP = 'relay';

export interface KeptRelay {
  readonly trouble: () => string | null;
  /** There are topics more. */
  widen(): void;
  /** Records that were not copied yet. */
  lag(): Promise<number>;
  stop(): Promise<void>;
}

/** Copies our outbox to the foreign log for as long as the platform runs. */
export const keepRelay = (own: Log, foreign: Log, topics: () => readonly string[], logger: Logger): KeptRelay => {
  const tellOfRetry = seldom((reason, times) => logger.warn({ reason, times }, 'the relay to Kafka begins anew'));
  let failure: string | null = null;
  const keep = (): Keeping => {
    const kept = keepRunning(() => new Relay(own, foreign, { group: GROUP, topics: topics() }), tellOfRetry);
    kept.done.catch((error: unknown) => {
      failure = messageOf(error);
      logger.error({ reason: failure }, 'the relay to Kafka stopped; what is to be sent is kept');
    });
    return kept;
  };
  let current = keep();
  let turn: Promise<void> = Promise.resolve();
  return {
    trouble: () => failure ?? current.trouble(),
    widen: () => {
      turn = turn.then(async () => {
        await current.stop();
        current = keep();
      });
    },
    lag: () => waitingFor(own, GROUP, topics()),
    stop: async () => {
      await turn;
      await current.stop();
    },
  };
};
