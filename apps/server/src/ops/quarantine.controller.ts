import { Controller, Get, Inject, Query, Req } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { isChannelName } from '@tributary/domain';
import { type FastifyRequest } from 'fastify';
import { type Quarantined, quarantineTopic } from '../collector/quarantine.js';
import { invalid, Refusal } from '../refusal.js';
import { limitOf, textOf } from '../profiles/customers.controller.js';
import { SERVER_DEPS, type ServerDeps } from '../server-deps.js';

/** What could not be understood, by channel: reasons and positions; the bytes only for admins who ask for them. */
@Controller('v1/quarantine')
export class QuarantineController {
  constructor(@Inject(SERVER_DEPS) readonly deps: ServerDeps) {}

  @RouteConfig({ needs: 'read' })
  @Get()
  async list(@Query() query: Readonly<Record<string, unknown>>, @Req() request: FastifyRequest) {
    const channel = textOf(query, 'channel');
    if (channel === undefined) return { channels: await this.counts() };
    if (!isChannelName(channel))
      throw invalid('channel', 'not a channel name', 'name a channel as /v1/status lists it');
    const after = textOf(query, 'after');
    if (after !== undefined && !/^\d{1,15}$/.test(after))
      throw invalid('after', 'not an offset', 'pass the next of the page before');
    const withBytes = this.mayHaveBytes(query, request);
    const limit = limitOf(query, 500, 100);
    const topic = quarantineTopic(channel);
    const [range] = await this.deps.log.partitions(topic);
    if (range === undefined) return { channel, items: [], next: null, end: 0 };
    const records = await this.deps.log.read(
      { topic, partition: range.partition },
      after === undefined ? range.begin : Number(after) + 1,
      limit,
    );
    const items = records.map(({ offset, value }) => {
      const { bytes, ...rest } = JSON.parse(new TextDecoder().decode(value)) as Quarantined;
      return {
        offset,
        ...rest,
        size_bytes: Math.floor((bytes.replace(/=+$/, '').length * 3) / 4),
        ...(withBytes ? { bytes } : {}),
      };
    });
    const next = items.length < limit ? null : String(items[items.length - 1]?.offset);
    // What comes from now on stands at `end` or behind it: whoever goes through all of it knows where to stop.
    return { channel, items, next, end: range.end };
  }

  private mayHaveBytes(query: Readonly<Record<string, unknown>>, request: FastifyRequest): boolean {
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

  private async counts() {
    const channels = [...new Set([...this.deps.keys.channels(), ...this.deps.channels.all()])].sort();
    const ranges = await Promise.all(channels.map((channel) => this.deps.log.partitions(quarantineTopic(channel))));
    return channels.map((channel, i) => ({
      channel,
      held: (ranges[i] ?? []).reduce((sum, { begin, end }) => sum + end - begin, 0),
    }));
  }
}
