import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { DAY_MS } from '@tributary/kernel';
import { sample } from './sample.js';
import { type SampleTouchpoint } from './touchpoint-of.js';
import { trickle } from './trickle.js';

const now = Date.UTC(2025, 10, 22);
const digest = (touchpoints: Iterable<SampleTouchpoint>) => {
  const hash = createHash('sha256');
  for (const t of touchpoints) hash.update(JSON.stringify(t));
  return hash.digest('hex');
};
const first = <T>(n: number, from: Iterator<T>): T[] => Array.from({ length: n }, () => from.next().value as T);

describe('the sample', () => {
  const all = [...sample(1, 2000, now)];

  it('is the same for the same seed, and another for another', () => {
    expect(digest(sample(1, 100, now))).toBe(digest(sample(1, 100, now)));
    expect(digest(sample(1, 100, now))).not.toBe(digest(sample(2, 100, now)));
  });

  it('tells two years of four channels, in order, up to now', () => {
    expect(all.length).toBeGreaterThan(60_000);
    expect(all.length).toBeLessThan(100_000);
    const times = all.map((t) => Number(t.envelope.occurredAt));
    expect(times.every((at, i) => i === 0 || at >= (times[i - 1] ?? 0))).toBe(true);
    expect(times[0]).toBeGreaterThanOrEqual(now - 730 * DAY_MS);
    expect(times.at(-1)).toBeLessThan(now);
    expect(new Set(all.map((t) => t.channel))).toEqual(new Set(['call_centre', 'web_shop', 'app', 'community']));
  });

  it('names each touchpoint once in its channel', () => {
    expect(new Set(all.map((t) => `${t.channel} ${t.envelope.messageId}`)).size).toBe(all.length);
  });

  it('states totals that are the sum of their lines', () => {
    const fen = (text: unknown) => Math.round(Number(text) * 100);
    const orders = all.filter((t) => t.envelope.type === 'order_placed');
    expect(orders.length).toBeGreaterThan(5_000);
    const wrong = orders.filter(({ envelope: { payload } }) => {
      const lines = payload['lines'] as readonly { amount: string }[];
      return lines.reduce((sum, l) => sum + fen(l.amount), 0) !== fen(payload['amount']);
    });
    expect(wrong).toEqual([]);
  });

  it('holds no person: reserved mail domains, telephone numbers that no shop has customers under', () => {
    const plain = (phone: string) =>
      phone
        .normalize('NFKC')
        .replace(/\D/g, '')
        .replace(/^86(?=1)/, '');
    const real = all
      .flatMap((t) => t.envelope.identifiers)
      .filter(({ type, value }) => {
        if (type === 'email') return !/@(example\.(com|cn)|test\.com)$/i.test(value);
        return type === 'phone' && !/^(1740[0-5]\d{6}|13800138000)$/.test(plain(value));
      });
    expect(real).toEqual([]);
  });

  it('has people who are known to one channel only by what another one told', () => {
    const types = (channel: string) =>
      new Set(all.filter((t) => t.channel === channel).flatMap((t) => t.envelope.identifiers.map((i) => i.type)));
    expect(types('call_centre')).toEqual(new Set(['phone', 'member_no']));
    expect(types('community')).toEqual(new Set(['wechat_openid', 'wechat_unionid']));
    expect(types('app')).toEqual(new Set(['member_no', 'device', 'wechat_unionid']));
    expect(types('web_shop')).toEqual(new Set(['member_no', 'cookie', 'email', 'phone']));
    expect(all.some((t) => t.envelope.identifiers.length === 0)).toBe(true);
  });
});

describe('the trickle', () => {
  it('goes on for the same people, in order, a few a second, the same for the same start', () => {
    const some = first(3_000, trickle(1, 2000, now));
    expect(some.every((t, i) => t.at >= (some[i - 1]?.at ?? now))).toBe(true);
    const seconds = ((some.at(-1)?.at ?? now) - now) / 1000;
    expect(some.length / seconds).toBeGreaterThan(2);
    expect(some.length / seconds).toBeLessThan(6);
    expect(digest(some)).toBe(digest(first(3_000, trickle(1, 2000, now))));
  });

  it('repeats no message id, neither of the history nor of an earlier start', () => {
    const ids = (from: number) => first(2_000, trickle(1, 50, from)).map((t) => `${t.channel} ${t.envelope.messageId}`);
    const all = [
      ...[...sample(1, 50, now)].map((t) => `${t.channel} ${t.envelope.messageId}`),
      ...ids(now),
      ...ids(now + 1),
    ];
    expect(new Set(all).size).toBe(all.length);
  });
});
