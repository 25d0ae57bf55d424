import { type CustomerId, type SubjectId } from '@tributary/kernel';

/** Who orders something, and why; both stand in the decision for ever. */
export interface Order {
  /** The same id again is the same command: it happens once. */
  readonly commandId: string;
  readonly by: string;
  readonly reason: string;
}

export type CommandOutcome =
  | { readonly status: 'done'; readonly customers: readonly CustomerId[]; readonly receipt?: unknown }
  | { readonly status: 'refused'; readonly code: string; readonly message: string }
  /** Durable, and not decided yet: it will be. */
  | { readonly status: 'pending' };

/** Commands on customers. Each resolves when its decision is made, or is durable and not yet come to. */
export interface CustomerCommands {
  merge(customer: CustomerId, other: CustomerId, order: Order): Promise<CommandOutcome>;
  /**
   * Takes a subject, or the namesake of a customer that was absorbed, out of the customer.
   *
   * @param stays from whom it is parted; whom the customer is called after unless told
   */
  unmerge(customer: CustomerId, subject: SubjectId, order: Order, stays?: SubjectId): Promise<CommandOutcome>;
  erase(customer: CustomerId, order: Order): Promise<CommandOutcome>;
}
