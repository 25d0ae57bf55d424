/** Reasons that are remembered at most; beyond, each is told as if it were new. */
const REMEMBERED = 50;
const PAUSE_MS = 60_000;

/**
 * For what fails again and again while it is tried again: a reason is told at once, and then once a minute with how often it came
 * since. An outage of an hour is a page of the log, and not the log.
 */
export const seldom = (
  tell: (reason: string, times: number) => void,
  pause_ms = PAUSE_MS,
): ((reason: string) => void) => {
  const told = new Map<string, { at: number; times: number }>();
  return (reason) => {
    const now = performance.now();
    const before = told.get(reason);
    if (before && now - before.at < pause_ms) return void before.times++;
    if (!before && told.size >= REMEMBERED) told.clear();
    told.set(reason, { at: now, times: 0 });
    tell(reason, (before?.times ?? 0) + 1);
  };
};
