import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { scraped } from '../ops/scraped.js';

/** From what nobody notices to an outage over a weekend. */
const DELAY_BUCKETS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 7_200, 43_200, 259_200];
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What a stage without requests tells of itself; labels are stages and topics, never identifiers. */
export class StageMetrics {
  readonly registry = new Registry();
  readonly #records: Counter<'stage' | 'source'>;
  readonly #seconds: Histogram<'stage'>;
  readonly #position: Gauge<'stage'>;
  readonly #retries: Counter<'stage'>;
  readonly #gone: Counter<'stage'>;
  readonly #delay: Histogram<'stage'>;
  readonly #eventTimeDelay: Gauge<'stage'>;

  constructor(readonly stage: string) {
    this.registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as never);
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry, prefix: 'tributary_' });
    this.#records = new Counter({
      name: 'tributary_stage_records',
      help: 'Records or events that the stage has taken since the start, by where they came from; of the loader rows, by table.',
      labelNames: ['stage', 'source'],
      registers,
    });
    this.#seconds = new Histogram({
      name: 'tributary_stage_batch_seconds',
      help: 'Time that a batch took, from its arrival to its durable effect; of the loader an insert.',
      labelNames: ['stage'],
      buckets: BUCKETS,
      registers,
    });
    this.#position = new Gauge({
      name: 'tributary_stage_position',
      help: 'Position of the newest event that the stage has carried on.',
      labelNames: ['stage'],
      registers,
    });
    this.#retries = new Counter({
      name: 'tributary_stage_retries',
      help: 'How often an engine failed and the stage began anew.',
      labelNames: ['stage'],
      registers,
    });
    this.#gone = new Counter({
      name: 'tributary_stage_gone_records',
      help: 'Records that the log had dropped, by its retention, before the stage came to them: they are lost to it.',
      labelNames: ['stage'],
      registers,
    });
    this.#delay = new Histogram({
      name: 'tributary_stage_delay_seconds',
      help: 'Time from the acceptance of the oldest touchpoint of a batch at the door to its effect here.',
      labelNames: ['stage'],
      buckets: DELAY_BUCKETS,
      registers,
    });
    this.#eventTimeDelay = new Gauge({
      name: 'tributary_stage_event_time_delay_seconds',
      help: 'Time from when the newest touchpoint of the last batch happened to its effect here; of back-filled history years.',
      labelNames: ['stage'],
      registers,
    });
    this.#retries.inc({ stage }, 0);
    this.#gone.inc({ stage }, 0);
  }

  late(delay_ms: number): void {
    this.#delay.observe({ stage: this.stage }, Math.max(0, delay_ms) / 1_000);
  }

  behindEventTime(delay_ms: number): void {
    this.#eventTimeDelay.set({ stage: this.stage }, delay_ms / 1_000);
  }

  /** Told at each scrape, under the names by which the api tells the same; what cannot be asked then is left out. */
  lags(ask: () => Promise<Readonly<Record<string, number>>>): void {
    const now = scraped(ask);
    new Gauge({
      name: 'tributary_lag_records',
      help: 'Records that wait, by consumer.',
      labelNames: ['consumer'],
      registers: [this.registry],
      async collect() {
        const told = await now();
        this.reset();
        for (const [consumer, records] of Object.entries(told ?? {})) this.set({ consumer }, records);
      },
    });
  }

  took(source: string, records: number, duration_ms: number): void {
    const { stage } = this;
    this.#records.inc({ stage, source }, records);
    this.#seconds.observe({ stage }, duration_ms / 1_000);
  }

  stands(position: number): void {
    this.#position.set({ stage: this.stage }, position);
  }

  gone(records: number): void {
    this.#gone.inc({ stage: this.stage }, records);
  }

  retried(): void {
    this.#retries.inc({ stage: this.stage });
  }
}
