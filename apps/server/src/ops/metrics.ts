import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { type DoorCounts } from '../collector/door.js';
import { type InFlight } from '../collector/in-flight.js';
import { type PlatformStats, type Readiness } from './platform-stats.js';
import { readyGauge } from './ready-gauge.js';
import { scraped } from './scraped.js';

/** The server's own numbers, in the OpenMetrics format. Labels are routes, channels and stages: never identifiers. */
export class Metrics implements DoorCounts {
  readonly registry = new Registry();
  readonly #requests: Counter<'method' | 'route' | 'status'>;
  readonly #seconds: Histogram<'route'>;
  readonly #touchpoints: Counter<'channel' | 'outcome'>;

  /** `stats` of `null`: this process sees only its doors. */
  constructor(
    stats: (() => PlatformStats | Promise<PlatformStats>) | null,
    inFlight: InFlight,
    subscribers: () => number,
    readiness?: () => Readiness | Promise<Readiness>,
  ) {
    this.registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as never);
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry, prefix: 'tributary_' });
    this.#requests = new Counter({
      name: 'tributary_http_requests',
      help: 'Requests answered, by route pattern.',
      labelNames: ['method', 'route', 'status'],
      registers,
    });
    this.#seconds = new Histogram({
      name: 'tributary_http_request_seconds',
      help: 'Time from a request’s first byte to its answer, by route pattern.',
      labelNames: ['route'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
      registers,
    });
    this.#touchpoints = new Counter({
      name: 'tributary_door_touchpoints',
      help: 'Touchpoints at the doors since the start, by channel and outcome.',
      labelNames: ['channel', 'outcome'],
      registers,
    });
    new Gauge({
      name: 'tributary_door_in_flight_bytes',
      help: 'Bytes of bodies that are being taken in.',
      registers,
      collect() {
        this.set(inFlight.bytes);
      },
    });
    new Counter({
      name: 'tributary_door_busy_refusals',
      help: 'Requests answered 429 since the start.',
      registers,
      collect() {
        this.reset();
        this.inc(inFlight.refused);
      },
    });
    new Gauge({
      name: 'tributary_feed_subscribers',
      help: 'Open subscriptions to profile events.',
      registers,
      collect() {
        this.set(subscribers());
      },
    });
    if (readiness) readyGauge(this.registry, readiness);
    if (stats) this.#tellOf(stats);
  }

  #tellOf(stats: () => PlatformStats | Promise<PlatformStats>): void {
    const registers = [this.registry];
    const now = scraped(stats);
    new Gauge({
      name: 'tributary_customers',
      help: 'Customers, by track and stage.',
      labelNames: ['track', 'stage'],
      registers,
      async collect() {
        const told = await now();
        this.reset();
        for (const [track, counts] of Object.entries(told?.stages ?? {}))
          for (const [stage, count] of Object.entries(counts)) this.set({ track, stage }, count);
      },
    });
    new Gauge({
      name: 'tributary_lag_records',
      help: 'Records that wait, by consumer.',
      labelNames: ['consumer'],
      registers,
      async collect() {
        const told = await now();
        this.reset();
        for (const [consumer, records] of Object.entries(told?.lag ?? {})) this.set({ consumer }, records);
      },
    });
    new Gauge({
      name: 'tributary_channel_touchpoints',
      help: 'Touchpoints processed, by channel and outcome.',
      labelNames: ['channel', 'outcome'],
      registers,
      async collect() {
        const told = await now();
        this.reset();
        for (const { channel, accepted, duplicates, quarantined } of told?.channels ?? [])
          for (const [outcome, count] of Object.entries({ accepted, duplicates, quarantined }))
            this.set({ channel, outcome }, count);
      },
    });
    new Gauge({
      name: 'tributary_quarantine_held',
      help: 'Items in quarantine that wait to be replayed or discarded, by channel.',
      labelNames: ['channel'],
      registers,
      async collect() {
        const told = await now();
        this.reset();
        for (const { channel, held } of told?.channels ?? []) this.set({ channel }, held);
      },
    });
    new Gauge({
      name: 'tributary_events',
      help: 'Position of the newest event.',
      registers,
      async collect() {
        const told = await now();
        if (told) this.set(told.events);
        else this.remove();
      },
    });
  }

  touchpoints(channel: string, outcome: 'accepted' | 'rejected' | 'quarantined', count: number): void {
    this.#touchpoints.inc({ channel, outcome }, count);
  }

  answered(method: string, route: string, status: number, seconds: number): void {
    this.#requests.inc({ method, route, status });
    this.#seconds.observe({ route }, seconds);
  }
}
