import { describe, expect, it } from '@jest/globals';
import { reasonGist } from '../quarantine/reason-text.js';
import { counted, duration, grouped, groupedDecimal } from './numbers.js';
import { table } from './table.js';
import { gist } from './timeline-text.js';
import { textWidth } from './text-width.js';

describe('tables', () => {
  it('align by the cells that a text takes, Chinese two each', () => {
    expect(textWidth('客户ab')).toBe(6);
    expect(
      table(
        [{ title: 'A' }, { title: 'N', align: 'right' }],
        [
          ['客户', '1'],
          ['abc', '1,000'],
        ],
      ),
    ).toBe('A         N\n客户      1\nabc   1,000\n');
  });

  it('leave out a line of empty titles', () => {
    expect(table([{ title: '' }, { title: '' }], [['a', 'b']], '  ')).toBe('  a  b\n');
  });
});

describe('numbers', () => {
  it('group digits and lose none', () => {
    expect([grouped(541_909), grouped(0)]).toEqual(['541,909', '0']);
    expect(['12345.60', '-1234567.0001', '12', '0.05'].map(groupedDecimal)).toEqual([
      '12,345.60',
      '-1,234,567.0001',
      '12',
      '0.05',
    ]);
    expect([counted(1, 'row'), counted(2, 'row')]).toEqual(['1 row', '2 rows']);
  });

  it('say durations as people do', () => {
    expect([400, 9_900, 12_000, 59_600, 200_000].map(duration)).toEqual([
      '0.4 s',
      '9.9 s',
      '12 s',
      '1 min 0 s',
      '3 min 20 s',
    ]);
  });
});

describe('a timeline', () => {
  it('says what was counted and which stages were entered', () => {
    const counts = [
      { type: 'page_viewed', label: 'tea', count: 7 },
      { type: 'session_ended', label: 'iOS', count: 1 },
      { type: 'page_viewed', label: 'cups', count: 2 },
    ];
    expect(gist({ detail: { counts } })).toBe('9 page_viewed, 1 session_ended');
    const transitions = [
      { track: 'buyer', from: 'prospect', to: 'first_time', at: 1 },
      { track: 'tier', from: null, to: 'bronze', at: 1 },
    ];
    expect(gist({ detail: { customerId: 'c_1', transitions, rules: 'r-1', because: ['e'] } })).toBe(
      'buyer prospect → first_time, tier – → bronze, rules r-1',
    );
  });
});

describe('a reason', () => {
  it('is cut in a table, where it lists all that is expected', () => {
    const reason = {
      code: 'unknown_type',
      field: 'type',
      found: 'text',
      expected: `one of ${'a, '.repeat(100)}`,
      remedy: '',
    };
    expect(reasonGist(reason)).toMatch(/^type: found text, expected one of a, .{90,}…$/);
    expect(reasonGist({ ...reason, expected: 'b' })).toBe('type: found text, expected b');
  });

  it('is what the reader of a file said, where that is all', () => {
    const found = 'the row has 2 fields, 12 are expected';
    expect(reasonGist({ code: 'row_not_understood', field: '', found, expected: '', remedy: '' })).toBe(found);
  });
});
