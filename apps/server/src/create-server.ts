import 'reflect-metadata';
import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type FastifyInstance, type FastifyReply } from 'fastify';
import { guard } from './access/gate.js';
import { isLoopback } from './access/own-origin.js';
import { refuseMethods } from './access/refuse-method.js';
import { answerUnreadable } from './answer-unreadable.js';
import { CollectorModule } from './collector/collector.module.js';
import { answerFailure } from './answer.js';
import { doorLimits } from './collector/door-limits.js';
import { InFlight } from './collector/in-flight.js';
import { DoorOpsModule } from './distributed/door-ops.module.js';
import { ConsoleModule } from './console/console.module.js';
import { FailureFilter } from './failure-filter.js';
import { FeedModule } from './feed/feed.module.js';
import { Subscribers } from './feed/subscribers.js';
import { diskGauges } from './ops/disk-gauges.js';
import { Metrics } from './ops/metrics.js';
import { OpsModule } from './ops/ops.module.js';
import { logRequests } from './ops/request-log.js';
import { ProfilesModule } from './profiles/profiles.module.js';
import { readToTheEnd } from './read-to-the-end.js';
import { securityHeaders } from './security-headers.js';
import { type DoorsDeps, SERVER_DEPS, type ServerDeps } from './server-deps.js';
import { watchSilentConnections } from './silent-connections.js';

/** A server that is ready to listen. */
export interface Server {
  readonly app: NestFastifyApplication;
  readonly fastify: FastifyInstance;
  /** Every route, as `METHOD /pattern`. */
  readonly routes: readonly string[];
  /** Resolves with the port; the one asked for, or any free one for 0. */
  listen(): Promise<number>;
  /** Ends the subscriptions, lets requests in hand finish, then closes. */
  close(): Promise<void>;
}

@Module({})
class DepsModule {}

@Module({})
class RootModule {}

const SUBSCRIBERS = 100;
/** A body in JSON of a read or a command. */
const BODY_BYTES = 64 * 1024;
/** A request must have arrived by then, however slowly it is sent. */
const REQUEST_MS = 60_000;
/** While it closes: how long a connection may be there without a request. */
const SILENCE_MS = 50;

const inside: readonly Type[] = [ProfilesModule, FeedModule, OpsModule, ConsoleModule];

/** The server would be open to others, and nobody could administer it. */
export class AdminKeyMissing extends Error {
  constructor() {
    super(
      'this address can be reached by others, and there is no admin key: make one first with `tributary key create --role admin`',
    );
    this.name = 'AdminKeyMissing';
  }
}

/** Throws `AdminKeyMissing` where it would be open to others without anyone who may administer it. */
export const createServer = (deps: ServerDeps): Promise<Server> =>
  assemble(deps, deps.stats, [CollectorModule, ...inside]);

/** All but the doors in: for a platform whose collectors are other processes. */
export const createApi = (deps: ServerDeps): Promise<Server> => assemble(deps, deps.stats, inside);

/** The doors in alone. */
export const createDoors = (deps: DoorsDeps): Promise<Server> => assemble(deps, null, [CollectorModule, DoorOpsModule]);

const assemble = async (
  deps: DoorsDeps,
  stats: ServerDeps['stats'] | null,
  modules: readonly Type[],
): Promise<Server> => {
  if (!isLoopback(deps.bind.host) && !deps.keys.hasAdmin()) throw new AdminKeyMissing();

  const inFlight = new InFlight(deps.limits?.inFlight_bytes ?? doorLimits.inFlight_bytes);
  const subscribers = new Subscribers(deps.feed?.subscribers ?? SUBSCRIBERS);
  const metrics = new Metrics(
    stats,
    inFlight,
    () => subscribers.count,
    () => deps.readiness(),
  );
  if (deps.dataDir !== undefined) diskGauges(metrics.registry, deps.dataDir);

  const adapter = new FastifyAdapter({
    logger: false,
    // The doors are plain routes, which would carry its hook for nothing.
    skipMiddie: true,
    bodyLimit: BODY_BYTES,
    requestTimeout: REQUEST_MS,
    forceCloseConnections: 'idle',
    clientErrorHandler: answerUnreadable,
    // An address that no route can be looked for under; Fastify's own text would quote it.
    frameworkErrors: (error: unknown, _request: unknown, reply: FastifyReply) =>
      void answerFailure(reply.headers(securityHeaders), error, () => undefined),
  });
  const fastify = adapter.getInstance() as unknown as FastifyInstance;
  const routes: string[] = [];
  fastify.addHook('onRoute', ({ method, url }) => {
    for (const each of [method].flat()) if (each !== 'HEAD') routes.push(`${each} ${url}`);
  });
  fastify.addHook('onRequest', (_request, reply, done) => {
    reply.headers(securityHeaders);
    done();
  });
  logRequests(fastify, deps.logger, metrics);
  guard(fastify, { keys: deps.keys, host: deps.bind.host, port: deps.bind.port, logger: deps.logger });
  refuseMethods(fastify);
  readToTheEnd(fastify);

  const shared: DynamicModule = {
    module: DepsModule,
    global: true,
    providers: [
      { provide: SERVER_DEPS, useValue: deps },
      { provide: InFlight, useValue: inFlight },
      { provide: Subscribers, useValue: subscribers },
      { provide: Metrics, useValue: metrics },
    ],
    exports: [SERVER_DEPS, InFlight, Subscribers, Metrics],
  };
  const root: DynamicModule = {
    module: RootModule,
    imports: [shared, ...modules],
  };
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter, { logger: false, abortOnError: false });
  app.useGlobalFilters(new FailureFilter(deps.logger));
  await app.init();
  await fastify.ready();
  const endSilentConnections = watchSilentConnections(fastify.server);
  return {
    app,
    fastify,
    routes,
    listen: async () => {
      await app.listen(deps.bind.port, deps.bind.host);
      const address = fastify.server.address();
      return typeof address === 'object' && address !== null ? address.port : deps.bind.port;
    },
    close: async () => {
      // Again and again: some may still be waiting to be accepted when the server stops to listen.
      const ending = setInterval(endSilentConnections, SILENCE_MS);
      try {
        await app.close();
      } finally {
        clearInterval(ending);
      }
    },
  };
};
