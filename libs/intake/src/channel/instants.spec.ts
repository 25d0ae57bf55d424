import { describe, expect, it } from '@jest/globals';
import { parseInstant } from '@tributary/contracts';
import fc from 'fast-check';
import { instantParser } from './instants.js';

describe('dates as numbers', () => {
  it('are digits alone, and not what a spreadsheet made of them', () => {
    const [ms, s] = [instantParser(['epoch_ms'], 'UTC'), instantParser(['epoch_s'], 'UTC')];
    expect([ms('1709623200123'), s('1709623200.5'), s('-86400')]).toEqual([
      1_709_623_200_123, 1_709_623_200_500, -86_400_000,
    ]);
    expect(ms('１７０９６２３２００１２３')).toBe(1_709_623_200_123);
    for (const text of ['1.71E+12', '1e12', '0x18e0d', ' 1', '1,709,623,200,123', '']) expect(ms(text)).toBeNull();
  });
});

describe('dates as ISO 8601 writes them', () => {
  const iso = instantParser(['iso'], 'Asia/Shanghai');
  const shown = (at: unknown): string | null => (typeof at === 'number' ? new Date(at).toISOString() : null);

  it.each([
    '2024-05-31T18:30:00Z',
    '2024-05-31t18:30:00z',
    '2024-05-31 18:30:00+08',
    '2024-05-31 18:30:00.25-03',
    '2024-05-31 18:30+05:45',
    '2024-05-31 18:30:00 +0530',
    '2024-05-31 18:30:00',
    '2024-05-31',
    '2024-05-31T18:30:00+15:00',
    '2024-05-31T18:30:00+08:60',
    '2024-05-31T18:30:00+99:99',
  ])('%s is read as the doors read it', (text) => {
    expect(shown(iso(text))).toBe(shown(parseInstant(text, 'Asia/Shanghai')));
  });

  it('are days with an offset, too, but not of hours alone, which may be an hour', () => {
    expect(shown(iso('2024-05-31+08:00'))).toBe('2024-05-30T16:00:00.000Z');
    expect(iso('2024-05-31-08')).toBeNull();
    expect(shown(iso('2024-05-31 18:30:00  +08'))).toBe('2024-05-31T10:30:00.000Z');
  });

  it('are none where a system knows of none', () => {
    expect(iso('0001-01-01 00:00:00')).toBeNull();
  });
});

describe('dates', () => {
  const at = (format: string, zone: string, text: string) => instantParser([format], zone)(text);

  it('are the instants that the doors read', () => {
    const wall = fc.date({
      min: new Date('1990-01-01T00:00:00Z'),
      max: new Date('2037-01-01T00:00:00Z'),
      noInvalidDate: true,
    });
    const zone = fc.constantFrom(
      'Europe/Berlin',
      'America/New_York',
      'Australia/Lord_Howe',
      'Asia/Shanghai',
      'Pacific/Apia',
    );
    fc.assert(
      fc.property(wall, zone, (date, timeZone) => {
        const text = date.toISOString().slice(0, -1);
        expect(at('iso', timeZone, text)).toBe(parseInstant(text, timeZone));
      }),
    );
  });

  it('follow the zone through summer time, and refuse days that are not', () => {
    expect(at('yyyy-MM-dd HH:mm:ss', 'Europe/London', '2011-07-01 08:26:00')).toBe(Date.UTC(2011, 6, 1, 7, 26));
    expect(at('yyyy-MM-dd HH:mm:ss', 'Europe/London', '2011-12-01 08:26:00')).toBe(Date.UTC(2011, 11, 1, 8, 26));
    // Clocks went back at 02:00 on 2011-10-30: of the two 01:30, the first.
    expect(at('yyyy-MM-dd HH:mm:ss', 'Europe/London', '2011-10-30 01:30:00')).toBe(Date.UTC(2011, 9, 30, 0, 30));
    // Clocks went forward at 02:00 on 2025-03-30: what they skipped is moved on, behind what came before it.
    expect(at('iso', 'Europe/Berlin', '2025-03-30 02:30')).toBe(Date.UTC(2025, 2, 30, 1, 30));
    expect(at('d.M.yyyy HH:mm', 'Europe/Berlin', '30.3.2025 01:59')).toBe(Date.UTC(2025, 2, 30, 0, 59));
    expect(at('yyyy-MM-dd HH:mm:ss', 'Asia/Kathmandu', '2024-01-01 00:00:00')).toBe(Date.UTC(2023, 11, 31, 18, 15));
    expect(at('d/M/yyyy', 'UTC', '29/2/2023')).toBeNull();
    expect(at('d/M/yyyy', 'UTC', '29/2/2024')).toBe(Date.UTC(2024, 1, 29));
    expect(at('yyyyMMdd', 'UTC', '19970101x')).toBeNull();
    expect(at('iso', 'UTC', '2024-05-01T10:00:00.5+02:00')).toBe(Date.UTC(2024, 4, 1, 8, 0, 0, 500));
    expect(at('iso', 'Asia/Shanghai', '2024-05-01')).toBe(Date.UTC(2024, 3, 30, 16));
    expect(at('epoch_s', 'UTC', '1700000000')).toBe(1_700_000_000_000);
  });
});
