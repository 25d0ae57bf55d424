import { describe, expect, it } from '@jest/globals';
import { parseInstant } from '@tributary/contracts';
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
