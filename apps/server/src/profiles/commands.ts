import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CustomerId, type SubjectId } from '@tributary/kernel';
import { type CommandOutcome, type CustomerCommands, type Order } from './customer-commands.js';
import { CUSTOMER_COMMANDS } from './tokens.js';

export class MergeCustomers extends Command<CommandOutcome> {
  constructor(
    readonly customer: CustomerId,
    readonly other: CustomerId,
    readonly order: Order,
  ) {
    super();
  }
}

export class UnmergeCustomer extends Command<CommandOutcome> {
  constructor(
    readonly customer: CustomerId,
    readonly subject: SubjectId,
    readonly order: Order,
    readonly stays?: SubjectId,
  ) {
    super();
  }
}

export class EraseCustomer extends Command<CommandOutcome> {
  constructor(
    readonly customer: CustomerId,
    readonly order: Order,
  ) {
    super();
  }
}

@CommandHandler(MergeCustomers)
export class MergeCustomersHandler implements ICommandHandler<MergeCustomers> {
  constructor(@Inject(CUSTOMER_COMMANDS) readonly commands: CustomerCommands) {}

  execute({ customer, other, order }: MergeCustomers) {
    return this.commands.merge(customer, other, order);
  }
}

@CommandHandler(UnmergeCustomer)
export class UnmergeCustomerHandler implements ICommandHandler<UnmergeCustomer> {
  constructor(@Inject(CUSTOMER_COMMANDS) readonly commands: CustomerCommands) {}

  execute({ customer, subject, order, stays }: UnmergeCustomer) {
    return this.commands.unmerge(customer, subject, order, stays);
  }
}

@CommandHandler(EraseCustomer)
export class EraseCustomerHandler implements ICommandHandler<EraseCustomer> {
  constructor(@Inject(CUSTOMER_COMMANDS) readonly commands: CustomerCommands) {}

  execute({ customer, order }: EraseCustomer) {
    return this.commands.erase(customer, order);
  }
}

export const commandHandlers = [MergeCustomersHandler, UnmergeCustomerHandler, EraseCustomerHandler];
