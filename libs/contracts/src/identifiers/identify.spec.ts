import { describe, expect, it } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { identify, lookupKey, rules, valid } from '../controls/identity.js';
import { makeIdentify } from './identify.js';

describe('identify', () => {
  it('names the subject by the keyed hash of type and normalised value', () => {
    const subject = `s_${createHmac('sha256', lookupKey).update('phone\0+8613800138001').digest('hex').slice(0, 32)}`;
    expect(valid('phone', '138 0013 8001')).toEqual({ type: 'phone', value: '+8613800138001', subject });
    expect(valid('phone', '+86 13800138001').subject).toBe(subject);
  });

  it('gives another subject under another key', () => {
    const other = makeIdentify({ lookupKey: Buffer.alloc(32, 8), rules });
    expect(other('device', 'd')).not.toEqual(identify('device', 'd'));
  });

  it('lists the types that there are', () => {
    expect(identify('fax', '1')).toMatchObject({
      code: 'unknown_identifier_type',
      expected: expect.stringContaining('phone'),
    });
    expect(identify('constructor', '1')).toMatchObject({ code: 'unknown_identifier_type' });
  });

  it('never repeats the value that it refuses', () => {
    expect(JSON.stringify(identify('phone', '555-SECRET'))).not.toMatch(/555|SECRET/);
  });

  it('answers the same with a memory of two as without', () => {
    const forgetful = makeIdentify({ lookupKey, rules, cacheSize: 2 });
    for (let round = 0; round < 3; round++)
      for (let i = 0; i < 20; i++) expect(forgetful('device', `d${i % 7}`)).toEqual(identify('device', `d${i % 7}`));
  });
});
