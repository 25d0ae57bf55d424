const LOOK_MS = 5_000;
/** Shares of a look in which the thread did something. */
const WORKED = 0.2;
const RESTS = 0.05;

/**
 * Calls `rest` on this thread each time that it has nothing to do after it was busy, so that it can give back what the work
 * has left. Traffic that keeps a thread a little busy all the time does not count as work. `rest` must not fail. Answers how to
 * end that.
 */
export const afterWork = (rest: () => void | Promise<void>, look_ms = LOOK_MS): (() => void) => {
  let [worked, rests, before] = [false, false, performance.eventLoopUtilization()];
  const look = async (): Promise<void> => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    if (utilization > WORKED) worked = true;
    if (!worked || rests || utilization > RESTS) return;
    worked = false;
    rests = true;
    await rest();
    rests = false;
    // What that took is no work.
    before = performance.eventLoopUtilization();
  };
  const timer = setInterval(() => void look(), look_ms).unref();
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
