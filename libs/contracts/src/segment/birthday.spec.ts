import { describe, expect, it } from '@jest/globals';
import { statedBirthday } from './birthday.js';

describe('a birthday', () => {
  it.each<[string, string | undefined, string | undefined]>([
    ['1990-02-28', undefined, '1990-02-28'],
    ['1990-02-28 00:00:00', undefined, '1990-02-28'],
    ['1990-02-28T00:00:00.000Z', undefined, '1990-02-28'],
    ['1990-02-28T00:00:00+08:00', undefined, '1990-02-28'],
    // Noon, and midnight in New York, whatever is known of the sender.
    ['1990-02-28T12:00:00Z', 'Asia/Shanghai', '1990-02-28'],
    ['1990-02-28T05:00:00.000Z', undefined, '1990-02-28'],
    // Midnight in Shanghai, once in its summer time; in UTC, whatever zone the sender is in.
    ['1990-02-27T16:00:00.000Z', 'Asia/Shanghai', '1990-02-28'],
    ['1990-07-27T15:00:00.000Z', 'Asia/Shanghai', '1990-07-28'],
    ['1990-02-28T00:00:00.000Z', 'America/New_York', '1990-02-28'],
    // It may be the 27th or the 28th.
    ['1990-02-27T16:00:00.000Z', undefined, undefined],
    ['1990-02-27T16:00:00.000Z', 'Asia/Nowhere', undefined],
    ['1990-02-30T00:00:00.000Z', undefined, undefined],
    ['1990-02-28T25:00:00.000Z', undefined, undefined],
    ['1990-02-28th', undefined, undefined],
    ['in May', undefined, undefined],
  ])('%s, sent in %s, is %s', (text, timeZone, day) => {
    expect(statedBirthday(text, timeZone)).toEqual(day === undefined ? ['birthday_stated', text] : ['birthday', day]);
  });
});
