import { Controller, Get, Header, Inject, Param, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { RouteConfig } from '@nestjs/platform-fastify';
import { CustomerId, isCustomerId } from '@tributary/kernel';
import { PAGE_LIMIT } from '@tributary/query';
import { invalid, notFound } from '../refusal.js';
import { SERVER_DEPS, type ServerDeps } from '../server-deps.js';
import { identifierOf } from './identifier-parameter.js';
import { identifierTypesOf } from './identifier-types.js';
import { whenOf } from './moment-parameter.js';
import { ExplainValue, FindCustomer, GetCustomer, ListCustomers, ReadTimeline } from './queries.js';

type Params = Readonly<Record<string, unknown>>;

export const customerId = (text: string): CustomerId => {
  if (!isCustomerId(text))
    throw invalid('id', 'not a customer id', 'a customer id is c_ and 32 hex digits, as profiles and events give it');
  return text;
};

export const found = <T>(value: T | undefined): T => {
  if (value === undefined)
    throw notFound('no customer is known by this', 'check the value; a touchpoint that was just sent takes a moment');
  return value;
};

/** A whole number in a query, within bounds. */
export const limitOf = (query: Params, most: number, usual: number): number => {
  const text = query['limit'];
  if (text === undefined) return usual;
  const limit = typeof text === 'string' && /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > most)
    throw invalid('limit', `limit is not a whole number from 1 to ${most}`, `send a limit from 1 to ${most}`);
  return limit;
};

/** What shows today only, and says so rather than showing today to who asks for another day. */
const ofToday = (query: Params, what: string): void => {
  for (const name of ['as_of', 'known_at'])
    if (query[name] !== undefined)
      throw invalid(name, `${what} is as of now`, `leave ${name} out, or ask for one customer as of then`);
};

/** A misspelt `as_of` would be answered with today, a misspelt filter with everything. */
export const onlyOf = (query: Params, names: readonly string[]): void => {
  const other = Object.keys(query).find((name) => !names.includes(name));
  if (other === undefined) return;
  const remedy = names.length === 0 ? 'leave it out' : `leave it out, or send one of: ${names.join(', ')}`;
  throw invalid('query', 'a parameter is not known here', remedy, 'unknown_parameter');
};

export const textOf = (query: Params, name: string): string | undefined => {
  const text = query[name];
  if (text === undefined || (typeof text === 'string' && text.length <= 1_000)) return text as string | undefined;
  throw invalid(name, `${name} is not one short text`, 'give it once');
};

/** Personal data stays in no cache on its way, nor in the browser's. */
const notKept = ['cache-control', 'no-store'] as const;

@Controller('v1/customers')
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
      new ListCustomers(limit, after === undefined ? undefined : customerId(after)),
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
