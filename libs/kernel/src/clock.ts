/** Milliseconds since 1970-01-01T00:00Z. All instants in Tributary are of this unit. */
export type Instant = number;

/** Processing time, injected; meaning never comes from it (event time does). */
export interface Clock {
  now(): Instant;
  /** How long the machine has been going, in ms, by a count that nobody sets: it tells a leap of `now`. Absent: nobody can tell. */
  elapsed_ms?(): number;
}

/** A clock that a test moves by hand. */
export const manualClock = (start: Instant): Clock & { advance(by_ms: number): void; set(to: Instant): void } => {
  let now = start;
  return { now: () => now, advance: (by_ms) => void (now += by_ms), set: (to) => void (now = to) };
};

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

export const DAY_MS = 86_400_000;
