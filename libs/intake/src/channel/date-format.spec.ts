import { describe, expect, it } from '@jest/globals';
import { formatFault, letteredParser } from './date-format.js';

const read = (format: string, text: string): string | null => {
  const at = letteredParser(format, 'UTC')(text);
  return at === null ? null : new Date(at).toISOString().replace(/:00\.000Z$/, '');
};

describe('a date format', () => {
  it.each([
    ['yyyy-MM-dd', '2024-03-05', '2024-03-05T00:00'],
    ['d MMM yyyy', '5 mar 2024', '2024-03-05T00:00'],
    ['yyyy年M月d日 H时', '2024年3月5日 9时', '2024-03-05T09:00'],
    ['yyyy-MM-dd hh:mm a', '2024-03-05 02:05 PM', '2024-03-05T14:05'],
    ['yyyy-MM-dd hh:mm a', '2024-03-05 12:05 am', '2024-03-05T00:05'],
    ['yyyy/M/d h:mma', '2024/3/5 12:05PM', '2024-03-05T12:05'],
    ['yyyy/M/d a h:mm', '2024/3/5 下午 2:05', '2024-03-05T14:05'],
    ['yyyy-MM-dd hh:mm a', '2024-03-05 14:05 PM', null],
    ['yyyy-MM-dd hh:mm a', '2024-03-05 00:05 AM', null],
    ['yyyy-MM-dd hh:mm a', '2024-03-05 02:05', null],
    ['d MMM yyyy', '5 Mai 2024', null],
    ['yyyy-MM-dd', '2024-00-05', null],
    ['yyyy-MM-dd', '2024-13-05', null],
    ['yyyy-MM-dd', '2024-03-00', null],
    ['yyyy-MM-dd', '2024-03-32', null],
    ['yyyy-MM-dd HH:mm', '2024-03-05 24:00', null],
    ['yyyy-MM-dd HH:mm', '2024-03-05 09:60', null],
    ['yyyy-MM-dd HH:mm:ss', '2024-03-05 09:00:60', null],
    ['yyyy-MM-ddTHH:mm', '2024-03-05T09:07', '2024-03-05T09:07'],
    ["d.M.yyyy H:mm 'Uhr'", '5.3.2024 9:07 Uhr', '2024-03-05T09:07'],
    ["h 'o''clock' a, d/M/yyyy", "2 o'clock PM, 5/3/2024", '2024-03-05T14:00'],
  ])('%s reads %s', (format, text, expected) => {
    expect(read(format, text)).toBe(expected);
  });

  it.each([
    ['yyyy-mm-dd', 'no month: mm is minutes. Write MM'],
    ['yyyy-MM-DD', 'DD is no part of a date. Days of the month are small letters'],
    ['YYYY-MM-dd', 'Years are small letters'],
    ['d/M/yy', 'yy is no part of a date. Years have four digits'],
    ['d MMMM yyyy', 'MMM for Jan'],
    ['yyyy-MM-dd hh:mm', 'hh counts to twelve only'],
    ['yyyy-MM-dd HH:mm a', 'Write them so, or leave it out'],
    ['yyyy-MM-dd HH:MM', 'states the month twice'],
    ['yyyy-MM-dd mm', 'minutes without hours'],
    ['yyyy-MM-dd HH:ss', 'seconds without minutes'],
    ['yyyy-MM-dd HH:mm:ss.SS', 'Milliseconds are SSS'],
    ['yyyy-MM-dd HH:mm Z', 'Put text that stands for itself in quotes'],
    ['d/M', 'no year'],
    ['M/yyyy', 'no day'],
  ])('%s has a fault', (format, fault) => {
    expect(formatFault(format)).toContain(fault);
    expect(() => letteredParser(format, 'UTC')).toThrow(RangeError);
  });
});
