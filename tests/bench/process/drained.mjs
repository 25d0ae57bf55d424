import { setTimeout as sleep } from 'node:timers/promises';

/** To look is work for the platform and its engines, too: the more waits, the less often. */
const LOOK_MS = { least: 50, most: 1_000, perWaiting: 0.02 };
const STALLED_MS = 120_000;

/**
 * Resolves with the moment at which `touchpoints` have all had their effect: nothing waits in any stage, they are
 * counted in the profiles' census, and an analyst's query counts as many rows. Rejects when nothing moves any more.
 */
export const drained = async (platform, touchpoints) => {
  let mark = '';
  let movedAt = performance.now();
  for (;;) {
    const status = await platform.status();
    const waiting = Object.values(status.lag).reduce((sum, records) => sum + records, 0);
    let rows;
    if (waiting === 0 && status.touchpoints >= touchpoints) {
      rows = await platform.rows();
      const now = performance.now();
      if (status.touchpoints !== touchpoints) throw new Error(`${status.touchpoints} counted, ${touchpoints} sent`);
      if (rows === undefined || rows === touchpoints) return { at: now, status, rows };
      if (rows > touchpoints) throw new Error(`ClickHouse holds ${rows} rows, ${touchpoints} were sent`);
    }
    const now = `${waiting} ${status.touchpoints} ${status.events} ${rows}`;
    if (now !== mark) [mark, movedAt] = [now, performance.now()];
    else if (performance.now() - movedAt > STALLED_MS)
      throw new Error(`nothing moves: ${JSON.stringify(status.lag)} wait, ${rows ?? 'no'} rows in ClickHouse`);
    await sleep(Math.min(LOOK_MS.most, Math.max(LOOK_MS.least, waiting * LOOK_MS.perWaiting)));
  }
};
