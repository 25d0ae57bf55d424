import { setTimeout as sleep } from 'node:timers/promises';
import { ExitCode } from '../exit-code.js';
import { Failure } from '../failure.js';
import { type Status } from '../http/api.js';
import { type Client } from '../http/client.js';

export interface SettleOptions {
  /** Told how many records still wait, at each look. */
  readonly onLag?: (records: number) => void;
  /** Beside live traffic there is always a new event: then it is enough that nothing waits. */
  readonly beside?: boolean;
  /** Without any progress for so long it is given up. */
  readonly stalled_ms?: number;
  /** When enough has happened, whatever else still waits. */
  readonly until?: (status: Status) => boolean;
  readonly signal?: AbortSignal;
}

export const lagOf = ({ lag }: Status): number => Object.values(lag).reduce((sum, records) => sum + records, 0);

const LOOK_MS = 100;
/**
 * One reader may be done just before it hands on to the next, and customers whom silence has moved are asked again by
 * and by: so nothing may wait, nor any event be added, for some looks in a row.
 */
const LOOKS = 4;

/** Resolves when all that was acknowledged has had its effect. */
export const settle = async (
  client: Client,
  { onLag, beside = false, stalled_ms = 120_000, until, signal }: SettleOptions = {},
): Promise<Status> => {
  let quiet = 0;
  let mark = '';
  let movedAt = Date.now();
  for (;;) {
    const status = await client.status();
    const lag = lagOf(status);
    onLag?.(lag);
    const now = `${lag} ${status.events}`;
    const isStill = now === mark;
    const isKnown = status.lagUnknown === undefined;
    quiet = lag === 0 && isKnown && (beside || isStill || mark === '') ? quiet + 1 : 0;
    if (quiet >= LOOKS || until?.(status)) return status;
    if (!isStill) [mark, movedAt] = [now, Date.now()];
    else if (Date.now() - movedAt > stalled_ms)
      throw new Failure(
        ExitCode.failed,
        `${lag} records wait and nothing moves`,
        'look at the server log: a stage has stopped; what was acknowledged is safe',
      );
    await sleep(LOOK_MS, undefined, signal ? { signal } : {});
  }
};
