const LOOK_MS = 5_000;
/** Shares of a look in which the thread did something. */
const WORKED = 0.2;
const RESTS = 0.05;

/**
 * Calls `rest` on this thread each time that it has nothing to do after it was busy, so that it can give back what the work
 * has left. Traffic that keeps a thread a little busy all the time does not count as work. Answers how to end that.
 */
export const afterWork = (rest: () => void, look_ms = LOOK_MS): (() => void) => {
  let [worked, before] = [false, performance.eventLoopUtilization()];
  const look = (): void => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    if (utilization > WORKED) worked = true;
    if (!worked || utilization > RESTS) return;
    worked = false;
    rest();
    // What that took is no work.
    before = performance.eventLoopUtilization();
  };
  const timer = setInterval(look, look_ms).unref();
  return () => clearInterval(timer);
};

type Collect = (options?: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void;

/** From this on V8 gives the heap's empty pages back at once when it is asked in these words; before, it would do less. */
const FROM_NODE = 22;

/**
 * Collects this thread's garbage and gives the memory back: some tenths of a second for a hundred megabytes that stay. V8
 * itself looks for garbage when memory is asked for, which a thread that rests does not do. Nothing without `--expose-gc`.
 */
export const collectGarbage = (): void => {
  const { gc } = globalThis as { gc?: Collect };
  if (Number.parseInt(process.versions.node) < FROM_NODE) gc?.();
  else gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
};
