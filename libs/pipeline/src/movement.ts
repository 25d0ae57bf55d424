import { type Instant } from '@tributary/kernel';
import { type DecodedEvent } from './decoded.js';

/** So many facts are named as the reason of a decision. */
export const MAX_BECAUSE = 20;

/** What a batch brought to a customer, as far as it matters for the course. */
export interface Movement {
  /** Ids of facts, at most `MAX_BECAUSE`. */
  readonly because: string[];
  /** No order, and the same members as before. */
  calm: boolean;
  /** The last that came back of its course is a revision that was told as far as one event goes: the rest may be missing. */
  revises: boolean;
  first: Instant;
  last: Instant;
}

export const stillness = (): Movement => ({
  because: [],
  calm: true,
  revises: false,
  first: Infinity,
  last: -Infinity,
});

/** `facts` empty: who the customer is changed, not what it did. */
export const noteFacts = (movement: Movement, facts: readonly DecodedEvent[]): void => {
  if (facts.length === 0) movement.calm = false;
  for (const { id, content } of facts) {
    if (movement.because.length < MAX_BECAUSE) movement.because.push(id);
    if (content.kind === 'fact') {
      if (content.touchpoint.type.startsWith('order_')) movement.calm = false;
      movement.first = Math.min(movement.first, content.touchpoint.occurredAt);
      movement.last = Math.max(movement.last, content.touchpoint.occurredAt);
    } else if (content.kind === 'sum')
      for (const { times } of content.sum.tallies) {
        movement.first = Math.min(movement.first, times[0] ?? Infinity);
        movement.last = Math.max(movement.last, times[times.length - 1] ?? -Infinity);
      }
  }
};
