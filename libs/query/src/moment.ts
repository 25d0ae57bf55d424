import { type Instant } from '@tributary/kernel';

/** What is looked at: what had happened by `asOf` (event time), as far as the platform had accepted it by `knownAt`. */
export interface Moment {
  readonly asOf: Instant;
  readonly knownAt: Instant;
}

/** Everything there is, whenever it happened. */
export const always: Moment = { asOf: Infinity, knownAt: Infinity };
