import { hash } from 'node:crypto';
import { canonicalJson } from '@tributary/domain';
import { type Command, type Outcome } from './commands.js';

/** An outcome as it is kept: beside it, of what order it is, so that its id cannot be lent to another one. */
export type KeptOutcome = Outcome & { readonly order?: string };

/** What is ordered: not when, nor by whom. Two commands are the same order if these are equal. */
export const digestOfOrder = ({ id: _id, at: _at, by: _by, ...order }: Command): string =>
  hash('sha256', canonicalJson(order), 'hex').slice(0, 32);

/** Whether an outcome is that of another order, given under the same id. One that was kept without a digest answers anybody. */
export const isOfAnother = (kept: KeptOutcome, command: Command): boolean =>
  kept.order !== undefined && kept.order !== digestOfOrder(command);
