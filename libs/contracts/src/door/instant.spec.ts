import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isCalendarDay, parseInstant } from './instant.js';
import { isTimeZone } from './time-zone.js';

const iso = (instant: unknown): unknown => (typeof instant === 'number' ? new Date(instant).toISOString() : instant);

describe('parseInstant', () => {
  it.each([
    ['2024-05-31T18:30:00Z', '2024-05-31T18:30:00.000Z'],
    ['2024-05-31T18:30:00+08:00', '2024-05-31T10:30:00.000Z'],
    ['2024-05-31 18:30:00.25 +0800', '2024-05-31T10:30:00.250Z'],
    ['2024-05-31T18:30-03', '2024-05-31T21:30:00.000Z'],
    ['2024-05-31T18:30:00.123456789Z', '2024-05-31T18:30:00.123Z'],
    ['2024-02-29t00:00:00z', '2024-02-29T00:00:00.000Z'],
    ['2023-02-29T00:00:00Z', 'invalid_date'],
    ['2024-02-30T00:00:00Z', 'invalid_date'],
    ['2024-13-01T00:00:00Z', 'invalid_date'],
    ['2024-05-31T24:00:00Z', 'invalid_date'],
    ['2024-05-31T18:60:00Z', 'invalid_date'],
    ['2024-05-31T18:30:00+15:00', 'invalid_date'],
    ['31/05/2024', 'invalid_date'],
    ['2024-05-31T18:30:00', 'date_without_offset'],
    ['2024-05-31', 'date_without_offset'],
    ['', 'invalid_date'],
  ])('%s → %s', (text, expected) => {
    expect(iso(parseInstant(text))).toBe(expected);
  });

  it.each([
    ['2024-05-31T18:30:00', 'Asia/Shanghai', '2024-05-31T10:30:00.000Z'],
    ['2011-05-31', 'Europe/London', '2011-05-30T23:00:00.000Z'],
    ['2011-12-01 08:26:00', 'Europe/London', '2011-12-01T08:26:00.000Z'],
    ['2024-05-31T18:30:00Z', 'Asia/Shanghai', '2024-05-31T18:30:00.000Z'],
    // Clocks went forward at 01:00 UTC: 02:30 was skipped, and is read as 03:30.
    ['2024-03-31T02:30:00', 'Europe/Berlin', '2024-03-31T01:30:00.000Z'],
    // Clocks went back at 01:00 UTC: 02:30 was twice; the earlier one counts.
    ['2024-10-27T02:30:00', 'Europe/Berlin', '2024-10-27T00:30:00.000Z'],
    ['2024-10-27T03:30:00', 'Europe/Berlin', '2024-10-27T02:30:00.000Z'],
    // Newfoundland's clocks went forward at one minute past midnight, not on a quarter.
    ['1987-04-05T00:00:30', 'America/St_Johns', '1987-04-05T03:30:30.000Z'],
    ['1987-04-05T01:10:00', 'America/St_Johns', '1987-04-05T03:40:00.000Z'],
    // Shanghai had summer time in 1990.
    ['1990-07-01T12:00:00', 'Asia/Shanghai', '1990-07-01T03:00:00.000Z'],
    ['2024-01-01T12:00:00', 'Asia/Kathmandu', '2024-01-01T06:15:00.000Z'],
  ])('%s in %s → %s', (text, zone, expected) => {
    expect(iso(parseInstant(text, zone))).toBe(expected);
  });

  it('reads back every instant that it is shown, in any zone', () => {
    const instant = fc.integer({ min: Date.UTC(1990, 0), max: Date.UTC(2037, 0) });
    fc.assert(fc.property(instant, (at) => parseInstant(new Date(at).toISOString()) === at));
    fc.assert(
      fc.property(
        instant,
        fc.constantFrom('Asia/Shanghai', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Cairo'),
        (at, timeZone) => {
          const wall = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' }).format(
            at,
          );
          const read = parseInstant(wall, timeZone) as number;
          // The hour that clocks run twice is read as its first run.
          const ambiguous = read !== Math.floor(at / 1000) * 1000;
          if (ambiguous) expect([1_800_000, 3_600_000]).toContain(Math.floor(at / 1000) * 1000 - read);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('knows zones', () => {
    expect(isTimeZone('Asia/Shanghai')).toBe(true);
    expect(isTimeZone('Mars/Olympus')).toBe(false);
  });
});

it('isCalendarDay', () => {
  expect(['1990-02-28', '2000-02-29', '1900-02-29', '1990-2-28', '1990-02-28T00:00'].map(isCalendarDay)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});
