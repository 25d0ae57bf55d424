/** Seconds for each property, where there is a night for it. */
const soak_s = Number(process.env['TRIBUTARY_TEST_SOAK_S'] ?? 0);

/**
 * So many cases of a property, or with `TRIBUTARY_TEST_SOAK_S` as many as fit into that time: what goes wrong once in ten
 * thousand orders of events is found by nothing else. A failure prints seed and path, by which it comes again.
 */
export const cases = (numRuns: number): { readonly numRuns: number; readonly interruptAfterTimeLimit?: number } =>
  soak_s > 0 ? { numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: soak_s * 1_000 } : { numRuns };

/** How long jest waits for such a test: `usual_ms`, beside the soaking. */
export const patience = (usual_ms: number): number => usual_ms + soak_s * 2_000;
