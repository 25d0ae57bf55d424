import { Body, Controller, Get, HttpCode, Inject, Post, Query, Req } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { isChannelName, quarantineTopic } from '@tributary/domain';
import { type FastifyRequest } from 'fastify';
import { limitOf, onlyOf, type Params, textOf } from '../../query-parameters.js';
import { invalid, Refusal } from '../../refusal.js';
import { SERVER_DEPS, type ServerDeps } from '../../server-deps.js';
import { itemPage, type ItemState, itemStates } from './item-page.js';
import { readSettlement } from './read-settlement.js';

/** What could not be understood, by channel: reasons and positions; the bytes only for admins who ask for them. */
@Controller('v1/quarantine')
export class QuarantineController {
  constructor(@Inject(SERVER_DEPS) readonly deps: ServerDeps) {}

  @RouteConfig({ needs: 'read' })
  @Get()
  async list(@Query() query: Params, @Req() request: FastifyRequest) {
    const channel = textOf(query, 'channel');
    if (channel === undefined) {
      onlyOf(query, []);
      return { channels: await this.counts() };
    }
    onlyOf(query, ['channel', 'after', 'limit', 'bytes', 'state']);
    if (!isChannelName(channel))
      throw invalid('channel', 'not a channel name', 'name a channel as /v1/status lists it');
    const after = textOf(query, 'after');
    if (after !== undefined && !/^\d{1,15}$/.test(after))
      throw invalid('after', 'not an offset', 'pass the next of the page before');
    const withBytes = this.mayHaveBytes(query, request);
    await this.requireKnown(channel);
    return itemPage(this.deps.log, await this.deps.settled.of(channel), {
      channel,
      state: stateOf(query),
      after: after === undefined ? undefined : Number(after),
      limit: limitOf(query, 500, 100),
      withBytes,
    });
  }

  /** That items wait no longer. Nothing is dropped: they can be seen and replayed until the retention takes them. */
  @RouteConfig({ needs: 'admin' })
  @Post('settle')
  @HttpCode(200)
  async settle(@Body() body: unknown, @Req() request: FastifyRequest) {
    const { channel, offsets, ...rest } = readSettlement(body);
    const [range] = await this.deps.log.partitions(quarantineTopic(channel));
    const gone = offsets.findIndex((each) => range === undefined || each < range.begin || each >= range.end);
    if (gone >= 0)
      throw new Refusal(
        404,
        'not_held',
        'the channel holds nothing at this offset; none was settled',
        'look with `tributary quarantine list`; it may have left with the retention',
        `offsets[${gone}]`,
      );
    const { settled, replayed } = await this.deps.settled.of(channel);
    const known = rest.as === 'replayed' ? replayed : settled;
    const fresh = offsets.filter((each) => !known.has(each));
    const at = new Date(this.deps.clock.now()).toISOString();
    if (fresh.length > 0)
      await this.deps.settled.settle({ channel, offsets: fresh, ...rest, at, by: request.caller.name });
    return { channel, settled: fresh.length, before: offsets.length - fresh.length };
  }

  private mayHaveBytes(query: Params, request: FastifyRequest): boolean {
    if (query['bytes'] === undefined || query['bytes'] === 'false') return false;
    const { grant } = request.caller;
    const stated = grant !== undefined || request.headers['x-tributary-intent'] !== undefined;
    if (request.caller.role === 'admin' && stated) return true;
    throw new Refusal(
      403,
      'key_not_enough',
      'the bytes may hold personal data',
      'send an admin key, or on this machine an X-Tributary-Intent header',
      'bytes',
    );
  }

  private channelNames(): readonly string[] {
    return [...new Set([...this.deps.keys.channels(), ...this.deps.channels.all()])].sort();
  }

  /** A misspelt name must not read as nothing held. A channel that is no more may have items still. */
  private async requireKnown(channel: string): Promise<void> {
    const known = this.channelNames();
    if (known.includes(channel) || (await this.deps.log.partitions(quarantineTopic(channel))).length > 0) return;
    throw new Refusal(
      400,
      'unknown_channel',
      'there is no such channel, and none of that name has held anything',
      `name one of: ${known.join(', ')}`,
      'channel',
    );
  }

  private async counts() {
    const channels = this.channelNames();
    const counts = await this.deps.settled.counts(channels);
    return channels.map((channel, i) => ({ channel, held: counts[i]?.held ?? 0 }));
  }
}

const stateOf = (query: Params): ItemState => {
  const state = textOf(query, 'state') ?? 'held';
  const known = itemStates.find((each) => each === state);
  if (known === undefined) throw invalid('state', 'not a state of an item', `send one of: ${itemStates.join(', ')}`);
  return known;
};
