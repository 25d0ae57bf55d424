import { setTimeout as delay } from 'node:timers/promises';

/**
 * What shall go wrong, so many times each:
 * - `silentAfterCommit`: the append is written, its answer never comes;
 * - `cutAfterCommit`, `cutBeforeCommit`: every connection is cut at that moment;
 * - `notLeader`: refused, with where the leader is: here;
 * - `cutOff`: not handled, append or read, by a node that the others of its cluster do not reach any more: it is not ready;
 * - `busy`: not handled; `timeout`: the server's own write timeout; `timeoutOfParts`: the same, while it waits for the last
 *   message of an append;
 * - `usersAway`: a read, while users cannot be looked up;
 * - `abandoned`: a call that is open when the server is stopped, as KurrentDB's `GrpcStreamingShutdownMiddleware` ends it;
 * - `checkpointNowhere`, `checkpointAtEnd`: a subscription that has caught up says that it is at the largest position there
 *   can be, as 24.2 to 24.10.4 may, or where the next event will be written, as 25.0 may;
 * - `checkpointAhead`: it says that it is at an event that it sends only then, as 22.10 may;
 * - `searchesOn`: a filtered read that has brought what was asked for goes on in silence;
 * - `tooSlow`: a live subscription for whose reader some 32 events wait is ended, as 22.10 and 23.10 may end it.
 */
export type Fault =
  | 'silentAfterCommit'
  | 'cutAfterCommit'
  | 'cutBeforeCommit'
  | 'notLeader'
  | 'cutOff'
  | 'busy'
  | 'timeout'
  | 'timeoutOfParts'
  | 'usersAway'
  | 'abandoned'
  | 'checkpointNowhere'
  | 'checkpointAtEnd'
  | 'checkpointAhead'
  | 'searchesOn'
  | 'tooSlow';

export class Faults {
  readonly #left = new Map<Fault, number>();
  latency_ms = 0;

  constructor(
    readonly cut: () => void,
    readonly port: () => number,
  ) {}

  next(fault: Fault, times = 1): void {
    this.#left.set(fault, times);
  }

  isComing(fault: Fault): boolean {
    return (this.#left.get(fault) ?? 0) > 0;
  }

  take(fault: Fault): boolean {
    const left = this.#left.get(fault) ?? 0;
    if (left <= 0) return false;
    this.#left.set(fault, left - 1);
    return true;
  }

  async pause(): Promise<void> {
    if (this.latency_ms > 0) await delay(this.latency_ms);
  }
}
