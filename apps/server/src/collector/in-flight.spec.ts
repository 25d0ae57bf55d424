import { describe, expect, it } from '@jest/globals';
import { InFlight } from './in-flight.js';

describe('what the doors hold', () => {
  it('is shared: one caller may have half of it, and the others come in beside', () => {
    const held = new InFlight(100);
    held.take(30, 'channel:a');
    held.take(20, 'channel:a');
    expect(() => held.take(1, 'channel:a')).toThrow('from this caller');
    held.take(50, 'channel:b');
    expect(() => held.take(1, 'channel:c')).toThrow('the door holds');
    expect([held.bytes, held.refused]).toEqual([100, 2]);
    held.give(20, 'channel:a');
    held.take(20, 'channel:a');
  });

  it('lets in one request alone, however large', () => {
    const held = new InFlight(100);
    held.take(70, 'channel:a');
    held.give(70, 'channel:a');
    held.take(500, 'channel:b');
    expect(() => held.take(1, 'channel:a')).toThrow('the door holds');
    held.give(500, 'channel:b');
    expect(held.bytes).toBe(0);
    held.take(1, 'channel:a');
  });
});
