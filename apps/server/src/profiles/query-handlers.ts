import { Inject } from '@nestjs/common';
import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { type Profiles } from '@tributary/query';
import { ExplainValue, FindCustomer, GetCustomer, ListCustomers, ReadTimeline } from './queries.js';
import { PROFILES } from './tokens.js';

@QueryHandler(FindCustomer)
export class FindCustomerHandler implements IQueryHandler<FindCustomer> {
  constructor(@Inject(PROFILES) readonly profiles: Profiles) {}

  execute({ type, value, when }: FindCustomer) {
    return this.profiles.findByIdentifier(type, value, when);
  }
}

@QueryHandler(GetCustomer)
export class GetCustomerHandler implements IQueryHandler<GetCustomer> {
  constructor(@Inject(PROFILES) readonly profiles: Profiles) {}

  execute({ id, when }: GetCustomer) {
    return this.profiles.get(id, when);
  }
}

@QueryHandler(ListCustomers)
export class ListCustomersHandler implements IQueryHandler<ListCustomers> {
  constructor(@Inject(PROFILES) readonly profiles: Profiles) {}

  execute({ limit, after }: ListCustomers) {
    return this.profiles.list({ limit, ...(after === undefined ? {} : { after }) });
  }
}

@QueryHandler(ReadTimeline)
export class ReadTimelineHandler implements IQueryHandler<ReadTimeline> {
  constructor(@Inject(PROFILES) readonly profiles: Profiles) {}

  execute({ id, limit, before }: ReadTimeline) {
    return this.profiles.timeline(id, { limit, ...(before === undefined ? {} : { before }) });
  }
}

@QueryHandler(ExplainValue)
export class ExplainValueHandler implements IQueryHandler<ExplainValue> {
  constructor(@Inject(PROFILES) readonly profiles: Profiles) {}

  execute({ id, path, when }: ExplainValue) {
    return this.profiles.explain(id, path, when);
  }
}

export const queryHandlers = [
  FindCustomerHandler,
  GetCustomerHandler,
  ListCustomersHandler,
  ReadTimelineHandler,
  ExplainValueHandler,
];
