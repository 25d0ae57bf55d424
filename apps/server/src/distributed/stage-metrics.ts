import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What a stage without requests tells of itself; labels are stages and topics, never identifiers. */
export class StageMetrics {
  readonly registry = new Registry();
  readonly #records: Counter<'stage' | 'source'>;
  readonly #seconds: Histogram<'stage'>;
  readonly #position: Gauge<'stage'>;
  readonly #retries: Counter<'stage'>;

  constructor(readonly stage: string) {
    this.registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as never);
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry, prefix: 'tributary_' });
    this.#records = new Counter({
      name: 'tributary_stage_records',
      help: 'Records or events that the stage has taken since the start, by where they came from.',
      labelNames: ['stage', 'source'],
      registers,
    });
    this.#seconds = new Histogram({
      name: 'tributary_stage_batch_seconds',
      help: 'Time that a batch took, from its arrival to its durable effect.',
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
    this.#retries.inc({ stage }, 0);
  }

  took(source: string, records: number, duration_ms: number): void {
    const { stage } = this;
    this.#records.inc({ stage, source }, records);
    this.#seconds.observe({ stage }, duration_ms / 1_000);
  }

  stands(position: number): void {
    this.#position.set({ stage: this.stage }, position);
  }

  retried(): void {
    this.#retries.inc({ stage: this.stage });
  }
}
