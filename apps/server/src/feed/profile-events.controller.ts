import { Controller, Get, Inject, type OnModuleDestroy, Query, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { isCustomerId, type Log } from '@tributary/kernel';
import {
  beginAt,
  type FeedStart,
  isProfileEventType,
  positionText,
  PROFILE_EVENTS,
  profileEventTypes,
} from '@tributary/query';
import { keyHolds } from '../access/gate.js';
import { onlyOf, type Params, textOf } from '../query-parameters.js';
import { invalid } from '../refusal.js';
import { securityHeaders } from '../security-headers.js';
import { SERVER_DEPS, type ServerDeps } from '../server-deps.js';
import { FeedPages } from './feed-pages.js';
import { FeedWatch } from './feed-watch.js';
import { Subscribers } from './subscribers.js';
import { subscribe } from './subscription.js';

const HEARTBEAT_MS = 15_000;
const STALLED_MS = 60_000;
const POLL_MS = 100;
const streamHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  'x-accel-buffering': 'no',
} as const;
/** A key that is revoked meanwhile opens nothing any more, also where it stands open. */
const KEY_LOOK_MS = 1_000;
/** `?from=-20`: so many before the end. */
const MOST_BEFORE = 1_000;

/** `GET /v1/profile-events`: what changed, as server-sent events; resumes without gaps by `Last-Event-ID`. */
@Controller('v1/profile-events')
export class ProfileEventsController implements OnModuleDestroy {
  readonly #pages: FeedPages;
  readonly #watch: FeedWatch;
  /** What of the feed may be told now. */
  readonly #told: Log;

  constructor(
    @Inject(SERVER_DEPS) readonly deps: ServerDeps,
    @Inject(Subscribers) readonly subscribers: Subscribers,
  ) {
    this.#told = deps.toldFeed ?? deps.log;
    this.#pages = new FeedPages(this.#told);
    this.#watch = new FeedWatch(this.#told, deps.feed?.poll_ms ?? POLL_MS);
  }

  @RouteConfig({ needs: 'read' })
  @Get()
  async follow(@Query() query: Params, @Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    // Some readers repeat their Last-Event-ID in the address.
    onlyOf(query, ['from', 'types', 'customer', 'lastEventId']);
    const types = typesOf(query);
    const customerId = textOf(query, 'customer');
    if (customerId !== undefined && !isCustomerId(customerId))
      throw invalid('customer', 'not a customer id', 'a customer id is c_ and 32 hex digits');
    const asked = await this.startOf(query, request);
    // A position that cannot be served is refused here, while there still is a status to say it with.
    // Whether one was given out ever is for the whole feed to say: profiles that are rebuilt are behind it.
    const begin = await beginAt(asked === 'end' ? this.#told : this.deps.log, asked);
    const from = positionText(begin);
    if (request.method === 'HEAD') return reply.headers(streamHeaders).send();
    const { signal, leave } = this.subscribers.enter();
    const { raw } = reply;
    reply.hijack();
    raw.once('close', leave);
    // Who hung up while we looked will not do so again.
    if (raw.closed) return leave();
    const looking = setInterval(() => {
      if (!keyHolds(request, this.deps.keys)) leave();
    }, KEY_LOOK_MS);
    raw.once('close', () => clearInterval(looking));
    raw.writeHead(200, { ...securityHeaders, ...streamHeaders });
    // The id at once: whose line breaks before the first event goes on from here, not from wherever the end is by then.
    raw.write(`retry: 2000\nid: ${from}\n\n`);
    subscribe(raw, {
      pages: this.#pages,
      watch: this.#watch,
      from,
      filter: { ...(types ? { types: new Set(types) } : {}), ...(customerId ? { customerId } : {}) },
      heartbeat_ms: this.deps.feed?.heartbeat_ms ?? HEARTBEAT_MS,
      stalled_ms: this.deps.feed?.stalled_ms ?? STALLED_MS,
      onStalled: () => this.deps.logger.warn('a reader of profile events took nothing for so long that it was let go'),
      signal,
    })
      .catch((error: unknown) => this.deps.logger.warn({ err: error }, 'a subscription ended'))
      .finally(() => raw.end());
  }

  onModuleDestroy(): void {
    this.subscribers.close();
  }

  private async startOf(query: Params, request: FastifyRequest): Promise<FeedStart> {
    const last = request.headers['last-event-id'];
    if (typeof last === 'string' && last !== '') return last;
    const from = textOf(query, 'from') ?? 'end';
    if (from === 'beginning' || from === 'end') return from;
    if (from === 'latest') return 'end';
    if (!/^-\d+$/.test(from)) return from;
    const back = -Number(from);
    if (back > MOST_BEFORE)
      throw invalid(
        'from',
        `from is more than ${MOST_BEFORE} before the end`,
        `send -1 to -${MOST_BEFORE}, a position, or beginning`,
      );
    const ranges = await this.#told.partitions(PROFILE_EVENTS);
    return ranges.length === 0
      ? 'end'
      : ranges.map(({ partition, begin, end }) => `${partition}:${Math.max(begin, end - back) - 1}`).join(',');
  }
}

const typesOf = (query: Params) => {
  const text = textOf(query, 'types');
  if (text === undefined || text === '') return undefined;
  return text.split(',').map((type) => {
    if (isProfileEventType(type)) return type;
    throw invalid('types', 'an event type is not known', `name some of: ${profileEventTypes.join(', ')}`);
  });
};
