/** Shares of a look in which the thread did something. */
const WORKED = 0.2;
const RESTS = 0.05;

export interface Resting {
  /** How often to look; a rest comes after one to two looks in which nothing was done. 5,000 unless told. */
  readonly look_ms?: number;
  /** What so much work has left is worth a rest, which takes some tenths of a second itself. 1,000 unless told. */
  readonly worth_ms?: number;
  /** Whether there is nothing more to do indeed, and not only nothing until somebody else is done. */
  readonly isDone?: () => boolean;
}

/**
 * Calls `rest` on this thread each time that it has nothing to do after it did much, so that it can give back what the work
 * has left. Traffic that keeps a thread a little busy all the time does not count as work. `rest` must not fail. Answers how to
 * end that.
 */
export const afterWork = (
  rest: () => void | Promise<void>,
  { look_ms = 5_000, worth_ms = 1_000, isDone = () => true }: Resting = {},
): (() => void) => {
  let [worked_ms, rests, before] = [0, false, performance.eventLoopUtilization()];
  const look = async (): Promise<void> => {
    const now = performance.eventLoopUtilization();
    const { utilization, active } = performance.eventLoopUtilization(now, before);
    before = now;
    if (utilization > WORKED) worked_ms += active;
    if (worked_ms < worth_ms || rests || utilization > RESTS || !isDone()) return;
    worked_ms = 0;
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
