import { expect, test } from '@jest/globals';
import { type BehaviourTally } from '@tributary/domain';
import { type Fact } from '../replay/facts.js';
import { entryOf } from './timeline-entry.js';

const sessions = (label: string, seconds: number, ...times: number[]): BehaviourTally => ({
  type: 'session_ended',
  channel: 'app',
  label,
  times,
  received: times,
  seconds,
});

test('a sum tells sessions of one app together, however long they took', () => {
  const tallies = [sessions('ios', 18, 2_000, 3_000), sessions('ios', 4, 1_000), sessions('web', 5, 4_000)];
  const event = { id: 'e', type: 'BehaviourSummed', metadata: { recordedAt: 9_000 } };
  const sum = { kind: 'behaviour', event, sum: { tallies, links: [] } } as unknown as Fact;
  // What came later is no part of it: a moment may have cut it in two.
  expect(entryOf(sum).recordedAt).toBe('1970-01-01T00:00:04.000Z');
  expect(entryOf(sum).detail).toEqual({
    counts: [
      {
        ...{ type: 'session_ended', channel: 'app', label: 'ios', count: 3, seconds: 22 },
        ...{ first: '1970-01-01T00:00:01.000Z', last: '1970-01-01T00:00:03.000Z' },
      },
      {
        ...{ type: 'session_ended', channel: 'app', label: 'web', count: 1, seconds: 5 },
        ...{ first: '1970-01-01T00:00:04.000Z', last: '1970-01-01T00:00:04.000Z' },
      },
    ],
  });
});
