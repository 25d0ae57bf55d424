import { type AnyTouchpoint, orderPlaced } from '@tributary/domain';
import { type SubjectId } from '@tributary/kernel';

type Identifier = AnyTouchpoint['identifiers'][number];

const member = (value: string, digit: string): Identifier => ({
  type: 'member_no',
  value,
  subject: `s_${digit.repeat(32)}` as SubjectId,
});

export const ANN = member('M1', 'a');
export const BEN = member('M2', 'b');

/** The order of that number, on the day of that number; of nobody where none is named. */
export const orderOf = (n: number, ...identifiers: readonly Identifier[]): AnyTouchpoint => ({
  channel: 'shop',
  messageId: `m${n}`,
  occurredAt: Date.UTC(2024, 0, n),
  receivedAt: Date.UTC(2024, 0, n),
  identifiers,
  type: 'order_placed',
  payload: orderPlaced(`o${n}`, 10_000, 'USD'),
});
