import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { profileEventBinding } from './kafka-binding.js';

const textOf = (sequence: number, data: unknown): string =>
  `{"id":"812-0","type":"tributary.tier.entered.v1","customerId":"c_a1","at":"2026-11-28T09:15:00.000Z","sequence":${sequence},"data":${JSON.stringify(data)}}`;

it('is a CloudEvent in binary mode: attributes in headers, the value is the data alone', () => {
  const bound = profileEventBinding.bind(Buffer.from(textOf(812, { to: '金卡' })));
  expect(Buffer.from(bound?.value ?? []).toString()).toBe('{"to":"金卡"}');
  expect(bound?.headers).toEqual({
    ce_specversion: '1.0',
    ce_id: '812-0',
    ce_source: '/tributary',
    ce_type: 'tributary.tier.entered.v1',
    ce_subject: 'c_a1',
    ce_time: '2026-11-28T09:15:00.000Z',
    ce_partitionkey: 'c_a1',
    ce_sequence: '0000000000000812',
    'content-type': 'application/json',
  });
});

it('gives back the very text that was sent, whatever is in its data', () => {
  fc.assert(
    fc.property(fc.nat(Number.MAX_SAFE_INTEGER), fc.jsonValue(), (sequence, data) => {
      const text = textOf(sequence, data);
      const bound = profileEventBinding.bind(Buffer.from(text));
      if (!bound) throw new Error('was not bound');
      const headers = Object.fromEntries(Object.entries(bound.headers).map(([name, is]) => [name, Buffer.from(is)]));
      expect(Buffer.from(profileEventBinding.unbind(bound.value, headers)).toString()).toBe(text);
    }),
  );
});

it('leaves alone what is no profile event, and headers that a tracer has put there', () => {
  expect(profileEventBinding.bind(Buffer.from('{"id":"1"}'))).toBeUndefined();
  const value = Buffer.from(textOf(1, {}));
  expect(profileEventBinding.unbind(value, { traceparent: Buffer.from('00') })).toBe(value);
});
