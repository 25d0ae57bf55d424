import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { type FastifyInstance } from 'fastify';
import { Metrics } from '../ops/metrics.js';
import { SERVER_DEPS, type ServerDeps } from '../server-deps.js';
import { Door } from './door.js';
import { doorLimits } from './door-limits.js';
import { InFlight } from './in-flight.js';
import { doors } from './mount-doors.js';

@Module({})
export class CollectorModule implements OnModuleInit {
  constructor(
    @Inject(SERVER_DEPS) readonly deps: ServerDeps,
    @Inject(Metrics) readonly metrics: Metrics,
    @Inject(InFlight) readonly inFlight: InFlight,
    @Inject(HttpAdapterHost) readonly host: HttpAdapterHost,
  ) {}

  onModuleInit(): void {
    const { deps } = this;
    const door = new Door({
      log: deps.log,
      encode: (touchpoint) => deps.catalogue.encode(touchpoint),
      clock: deps.clock,
      counts: this.metrics,
      inFlight: this.inFlight,
      isChannel: (name) => deps.channels.has(name) || deps.keys.channels().includes(name),
      topic: deps.topic ?? { partitions: 1 },
      pressure: deps.pressure ?? (() => 0),
      onChannel: deps.onChannel ?? (() => undefined),
    });
    const fastify = this.host.httpAdapter.getInstance<FastifyInstance>();
    void fastify.register(
      doors(door, { ...doorLimits, ...deps.limits }, deps.identify, (error) =>
        deps.logger.error({ err: error }, 'a door failed'),
      ),
    );
  }
}
