import { Body, Controller, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { RouteConfig } from '@nestjs/platform-fastify';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { type Identify, isInvalidIdentifier } from '@tributary/contracts';
import { isCustomerId, isSubjectId, namesakeOf, type SubjectId } from '@tributary/kernel';
import { InvalidIdentifierError } from '@tributary/query';
import { type Fields, fieldsOf } from '../command-fields.js';
import { invalid, Refusal } from '../refusal.js';
import { SERVER_DEPS, type ServerDeps } from '../server-deps.js';
import { type CommandOutcome, type Order } from './customer-commands.js';
import { customerId } from './customers.controller.js';
import { EraseCustomer, MergeCustomers, UnmergeCustomer } from './commands.js';

/** What is refused is a conflict with how things stand, except where nobody is there, or the request contradicts itself. */
const statusOf: Readonly<Record<string, number>> = { not_found: 404, idempotency_key_reused: 422 };

const remedies: Readonly<Record<string, string>> = {
  not_found: 'check the customer id',
  same_customer: 'nothing is to be done',
  not_a_member:
    'name a subject or an identifier of this customer, as its profile lists them, or a customer that it absorbed',
  idempotency_key_reused: 'send another Idempotency-Key, or the very same customer and body with this one',
  only_subject: 'a customer of one subject cannot be taken apart',
};

@Controller('v1/customers/:id')
export class CustomerCommandsController {
  constructor(
    @Inject(CommandBus) readonly commands: CommandBus,
    @Inject(SERVER_DEPS) readonly deps: ServerDeps,
  ) {}

  @RouteConfig({ needs: 'admin' })
  @Post('merge')
  @HttpCode(200)
  async merge(
    @Param('id') id: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const fields = fieldsOf(body, ['with', 'reason']);
    const other = fields['with'];
    if (typeof other !== 'string' || !isCustomerId(other))
      throw invalid('with', 'with is not a customer id', 'name the other customer: { "with": "c_…", "reason": "…" }');
    const customer = customerId(id);
    return this.outcome(reply, request, fields, (order) =>
      this.commands.execute(new MergeCustomers(customer, other, order)),
    );
  }

  @RouteConfig({ needs: 'admin' })
  @Post('unmerge')
  @HttpCode(200)
  async unmerge(
    @Param('id') id: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const fields = fieldsOf(body, ['subject', 'from', 'identifier', 'stays', 'reason']);
    const subject = partOf(fields, this.deps.identify);
    const stays = stayingOf(fields, this.deps.identify);
    const customer = customerId(id);
    return this.outcome(reply, request, fields, (order) =>
      this.commands.execute(new UnmergeCustomer(customer, subject, order, stays)),
    );
  }

  @RouteConfig({ needs: 'admin' })
  @Post('erase')
  @HttpCode(200)
  async erase(
    @Param('id') id: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const fields = fieldsOf(body, ['reason']);
    const customer = customerId(id);
    return this.outcome(reply, request, fields, (order) => this.commands.execute(new EraseCustomer(customer, order)));
  }

  private async outcome(
    reply: FastifyReply,
    request: FastifyRequest,
    fields: Fields,
    run: (order: Order) => Promise<CommandOutcome>,
  ) {
    const order = this.orderOf(request, fields);
    const outcome = await run(order);
    if (outcome.status === 'refused')
      throw new Refusal(
        statusOf[outcome.code] ?? 409,
        outcome.code,
        outcome.message,
        remedies[outcome.code] ?? 'look at the customer, and decide again',
        outcome.code === 'idempotency_key_reused' ? 'Idempotency-Key' : null,
      );
    if (outcome.status === 'pending') void reply.code(202);
    return { commandId: order.commandId, ...outcome };
  }

  private orderOf(request: FastifyRequest, { reason }: Fields): Order {
    const remedy = 'say why in at most 500 characters, without personal data: it is kept for ever';
    if (typeof reason !== 'string' || reason.trim() === '') throw invalid('reason', 'no reason is given', remedy);
    if (reason.length > 500) throw invalid('reason', 'the reason is longer than 500 characters', remedy);
    const key = request.headers['idempotency-key'];
    if (key !== undefined && (typeof key !== 'string' || !/^[\w.:-]{1,128}$/.test(key)))
      throw invalid('Idempotency-Key', 'the key is not a short name', 'send 1 to 128 letters, digits or . _ : -');
    return { commandId: key ?? this.deps.newId(), by: request.caller.name, reason: reason.trim() };
  }
}

const partOf = ({ subject, from, identifier }: Fields, identify: Identify): SubjectId => {
  const named = [subject, from, identifier].filter((part) => part !== undefined);
  if (named.length === 1) {
    if (typeof subject === 'string' && isSubjectId(subject)) return subject;
    if (typeof from === 'string' && isCustomerId(from)) return namesakeOf(from);
    if (isNamed(identifier)) return subjectOf(identifier, identify);
  }
  throw invalid(
    'subject',
    'it is not said what is to be taken out, or said twice',
    'send { "subject": "s_…" }, { "identifier": { "type": "phone", "value": "…" } }, or { "from": "c_…" } for a customer that was absorbed',
  );
};

/** Whom the part is taken away from, if that is said: whoever the customer is called after may be the part's own. */
const stayingOf = ({ stays }: Fields, identify: Identify): SubjectId | undefined => {
  if (stays === undefined) return undefined;
  if (isNamed(stays)) return subjectOf(stays, identify);
  throw invalid(
    'stays',
    'stays is no identifier',
    'send { "stays": { "type": "phone", "value": "…" } }, or leave it out',
  );
};

interface Named {
  readonly type: string;
  readonly value: string;
}

const isNamed = (identifier: unknown): identifier is Named => {
  const { type, value } = (identifier ?? {}) as Partial<Record<keyof Named, unknown>>;
  return typeof type === 'string' && typeof value === 'string';
};

const subjectOf = ({ type, value }: Named, identify: Identify): SubjectId => {
  const identifier = identify(type, value);
  if (isInvalidIdentifier(identifier)) throw new InvalidIdentifierError(identifier);
  return identifier.subject;
};
