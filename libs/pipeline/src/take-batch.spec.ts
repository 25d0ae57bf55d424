import { describe, expect, it } from '@jest/globals';
import { type AnyTouchpoint, type Identifier, type Touchpoint } from '@tributary/domain';
import { SubjectId } from '@tributary/kernel';
import { BehaviourSums } from './take-batch.js';

const cookie: Identifier = { type: 'cookie', value: 'ck', subject: SubjectId(`s_${'c'.repeat(32)}`) };
const seen = { channel: 'app', identifiers: [cookie] };

const session = (occurredAt: number, receivedAt: number, duration_s: number): Touchpoint<'session_ended'> => ({
  ...seen,
  type: 'session_ended',
  messageId: `${occurredAt}`,
  occurredAt,
  receivedAt,
  payload: {
    sessionId: `${occurredAt}`,
    duration_s,
    app: 'ios',
    searched: false,
    messaged: false,
    booked: false,
    campaign: null,
  },
});

const summed = (...touchpoints: readonly AnyTouchpoint[]) => {
  const sums = new BehaviourSums();
  touchpoints.forEach((touchpoint, offset) => {
    const key = String(offset).padStart(32, '0');
    const record = { key: null, offset, timestamp_ms: touchpoint.receivedAt, value: new Uint8Array() };
    sums.add({ touchpoint, id: `id-${offset}`, key, record });
  });
  return sums.sum();
};

describe('a sum of behaviour', () => {
  it('keeps the seconds of sessions apart that took different times, so that a moment may cut it anywhere', () => {
    const { tallies } = summed(session(30, 50, 9), session(10, 51, 4), session(20, 52, 9.4));
    expect(tallies.map(({ times, received, seconds }) => ({ times, received, seconds }))).toEqual([
      { times: [20, 30], received: [52, 50], seconds: 18 },
      { times: [10], received: [51], seconds: 4 },
    ]);
  });

  it('tells of an identifier when it was first named, and as what was known before that came in', () => {
    const named = ({ links }: ReturnType<typeof summed>) => links.map(({ at, known, id }) => [at, known, id]);
    expect(named(summed(session(30, 50, 1), session(10, 51, 1), session(20, 52, 1)))).toEqual([
      [30, 50, 'id-0'],
      [10, 51, 'id-1'],
    ]);
    expect(named(summed(session(30, 50, 1), session(10, 50, 1)))).toEqual([[10, 50, 'id-1']]);
  });

  it('bounds how often it tells of one identifier', () => {
    const backwards = Array.from({ length: 100 }, (_, i) => session(1_000 - i, i, 1));
    const { links } = summed(...backwards);
    expect(links).toHaveLength(32);
    expect([links[0]?.at, links[31]?.at]).toEqual([1_000, 901]);
  });
});
