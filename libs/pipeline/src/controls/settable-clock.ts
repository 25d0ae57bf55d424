import { type Clock, type Instant } from '@tributary/kernel';

/** A clock that a test sets, and that knows beside it how much time has truly passed. */
export const settableClock = (start: Instant): Clock & { pass(by_ms: number): void; set(to: Instant): void } => {
  let now = start;
  let elapsed = 0;
  return {
    now: () => now,
    elapsed_ms: () => elapsed,
    pass: (by_ms) => {
      now += by_ms;
      elapsed += by_ms;
    },
    set: (to) => void (now = to),
  };
};
