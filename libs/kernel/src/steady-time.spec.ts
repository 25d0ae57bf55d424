import { describe, expect, it } from '@jest/globals';
import { DAY_MS, manualClock, settableClock } from './clock.js';
import { SteadyTime } from './steady-time.js';

const NOW = Date.UTC(2026, 0, 1);
const YEAR_MS = 365 * DAY_MS;
const MINUTE_MS = 60_000;

const begun = () => {
  const clock = settableClock(NOW);
  const leaps: (number | null)[] = [];
  return { clock, leaps, time: new SteadyTime(clock, { onLeap: (leap_ms) => leaps.push(leap_ms) }) };
};

describe('steady time', () => {
  it('is what the clock says, as long as that goes on steadily, or is set by less than a day', () => {
    const { clock, time, leaps } = begun();
    clock.pass(3 * DAY_MS);
    expect(time.now()).toBe(NOW + 3 * DAY_MS);
    clock.set(NOW + 4 * DAY_MS);
    expect(time.now()).toBe(NOW + 4 * DAY_MS);
    clock.set(NOW + 3.5 * DAY_MS);
    expect(time.now()).toBe(NOW + 3.5 * DAY_MS);
    expect(leaps).toEqual([]);
    expect(time.wasAhead()).toBe(false);
  });

  it('does not leap with a clock that is ahead for a minute', () => {
    const { clock, time, leaps } = begun();
    clock.set(NOW + YEAR_MS);
    expect(time.now()).toBe(NOW);
    clock.pass(MINUTE_MS);
    expect(time.now()).toBe(NOW + MINUTE_MS);
    expect(time.latest()).toBe(NOW + YEAR_MS + MINUTE_MS);
    expect(time.isDoubted()).toBe(true);
    clock.set(NOW + MINUTE_MS);
    expect(time.isDoubted()).toBe(false);
    expect(time.now()).toBe(NOW + MINUTE_MS);
    expect(time.latest()).toBe(NOW + MINUTE_MS);
    expect(leaps).toEqual([YEAR_MS, null]);
    expect(time.wasAhead()).toBe(true);
    expect(time.wasAhead()).toBe(false);
  });

  it('follows one that has gone on steadily for ten minutes from where it leapt to, either way', () => {
    const { clock, time } = begun();
    clock.set(NOW + YEAR_MS);
    time.now();
    clock.pass(10 * MINUTE_MS);
    expect(time.now()).toBe(NOW + YEAR_MS + 10 * MINUTE_MS);
    expect(time.wasAhead()).toBe(false);
    clock.set(NOW);
    // Nothing is concluded beyond the earlier, nothing withdrawn beneath the later.
    expect(time.now()).toBe(NOW);
    expect(time.latest()).toBe(NOW + YEAR_MS + 10 * MINUTE_MS);
    clock.pass(10 * MINUTE_MS);
    expect(time.latest()).toBe(NOW + 10 * MINUTE_MS);
    expect(time.wasAhead()).toBe(true);
  });

  it('believes at once one that may be taken to have gone on steadily for long, if it is not where it was left', () => {
    const clock = settableClock(NOW);
    clock.pass(9 * MINUTE_MS);
    const leaps: (number | null)[] = [];
    const from = NOW + YEAR_MS;
    const time = new SteadyTime(clock, { from, since_ms: 0, onLeap: (leap_ms) => leaps.push(leap_ms) });
    expect(time.latest()).toBe(from);
    clock.pass(MINUTE_MS);
    expect(time.latest()).toBe(NOW + 10 * MINUTE_MS);
    expect(time.wasAhead()).toBe(true);
    expect(leaps).toEqual([9 * MINUTE_MS - YEAR_MS, null]);
    const silent: (number | null)[] = [];
    const next = new SteadyTime(clock, { from: 0, since_ms: 0, onLeap: (leap_ms) => silent.push(leap_ms) });
    expect(next.now()).toBe(NOW + 10 * MINUTE_MS);
    expect(silent).toEqual([]);
    // But not one that leaps while it is looked at.
    clock.set(from);
    expect(next.now()).toBe(NOW + 10 * MINUTE_MS);
  });

  it('waits anew for a clock that leaps on', () => {
    const { clock, time } = begun();
    for (let leap = 1; leap < 5; leap++) {
      clock.set(NOW + leap * YEAR_MS);
      expect(time.now()).toBe(NOW + (leap - 1) * 9 * MINUTE_MS);
      clock.pass(9 * MINUTE_MS);
    }
  });

  it('is any time that is said by a clock which cannot tell how long it has been going', () => {
    const clock = manualClock(NOW);
    const time = new SteadyTime(clock, { from: 0 });
    expect(time.now()).toBe(NOW);
    clock.advance(YEAR_MS);
    expect(time.now()).toBe(NOW + YEAR_MS);
  });
});
