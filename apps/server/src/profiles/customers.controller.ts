import { Controller, Get, Header, Inject, Param, Query, UseInterceptors } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { RouteConfig } from '@nestjs/platform-fastify';
import { CustomerId, isCustomerId } from '@tributary/kernel';
import { PAGE_LIMIT } from '@tributary/query';
import { invalid, notFound } from '../refusal.js';
import { limitOf, onlyOf, type Params, textOf } from '../query-parameters.js';
import { SERVER_DEPS, type ServerDeps } from '../server-deps.js';
import { identifierOf } from './identifier-parameter.js';
import { identifierTypesOf } from './identifier-types.js';
import { whenOf } from './moment-parameter.js';
import { ExplainValue, FindCustomer, GetCustomer, ListCustomers, ReadTimeline } from './queries.js';
import { WhileRebuilt } from './while-rebuilt.js';

export const customerId = (text: string, field = 'id'): CustomerId => {
  if (!isCustomerId(text))
    throw invalid(field, 'not a customer id', 'a customer id is c_ and 32 hex digits, as profiles and events give it');
  return text;
};

export const found = <T>(value: T | undefined): T => {
  if (value === undefined)
    throw notFound('no customer is known by this', 'check the value; a touchpoint that was just sent takes a moment');
  return value;
};

/** What shows today only, and says so rather than showing today to who asks for another day. */
const ofToday = (query: Params, what: string): void => {
  for (const name of ['as_of', 'known_at'])
    if (query[name] !== undefined)
      throw invalid(name, `${what} is as of now`, `leave ${name} out, or ask for one customer as of then`);
};

/** Personal data stays in no cache on its way, nor in the browser's. */
const notKept = ['cache-control', 'no-store'] as const;

@Controller('v1/customers')
@UseInterceptors(WhileRebuilt)
export class CustomersController {
  constructor(
    @Inject(QueryBus) readonly queries: QueryBus,
    @Inject(SERVER_DEPS) readonly deps: ServerDeps,
  ) {}

  /** By any identifier: the one customer. Without one: a page of all. */
  @RouteConfig({ needs: 'read' })
  @Get()
  @Header(...notKept)
  async find(@Query() query: Params) {
    const identifier = identifierOf(query, identifierTypesOf(this.deps.identify.rules));
    if (identifier !== undefined)
      return found(await this.queries.execute(new FindCustomer(identifier.type, identifier.value, whenOf(query))));
    ofToday(query, 'the list of customers');
    const after = textOf(query, 'after');
    const limit = limitOf(query, PAGE_LIMIT, 50);
    const customers = await this.queries.execute(
      new ListCustomers(limit, after === undefined ? undefined : customerId(after, 'after')),
    );
    return { customers, next: customers.length < limit ? null : (customers[customers.length - 1]?.customerId ?? null) };
  }

  @RouteConfig({ needs: 'read' })
  @Get(':id')
  @Header(...notKept)
  async get(@Param('id') id: string, @Query() query: Params) {
    onlyOf(query, ['as_of', 'known_at']);
    return found(await this.queries.execute(new GetCustomer(customerId(id), whenOf(query))));
  }

  @RouteConfig({ needs: 'read' })
  @Get(':id/timeline')
  @Header(...notKept)
  async timeline(@Param('id') id: string, @Query() query: Params) {
    ofToday(query, 'a timeline');
    onlyOf(query, ['limit', 'before']);
    return found(
      await this.queries.execute(
        new ReadTimeline(customerId(id), limitOf(query, PAGE_LIMIT, 50), textOf(query, 'before')),
      ),
    );
  }

  @RouteConfig({ needs: 'read' })
  @Get(':id/explain')
  @Header(...notKept)
  async explain(@Param('id') id: string, @Query() query: Params) {
    onlyOf(query, ['path', 'as_of', 'known_at']);
    const path = textOf(query, 'path');
    if (path === undefined || path === '')
      throw invalid('path', 'no path is given', 'name a value of the profile: ?path=value.net');
    return found(await this.queries.execute(new ExplainValue(customerId(id), path, whenOf(query))));
  }
}
