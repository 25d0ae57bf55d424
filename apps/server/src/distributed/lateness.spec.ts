import { describe, expect, it } from '@jest/globals';
import { openCatalogue } from '@tributary/contracts';
import { type AnyTouchpoint } from '@tributary/domain';
import { EngineError, type RowBatch, type Warehouse } from '@tributary/kernel';
import { memoryStore } from '@tributary/kernel/memory';
import { Lateness, notingDecoded, notingFacts, tellingInserts } from './lateness.js';
import { StageMetrics } from './stage-metrics.js';

const NOW = 1_000_000;
const valuesOf = async (metrics: StageMetrics, name: string): Promise<readonly (readonly [string, number])[]> => {
  const text = await metrics.registry.metrics();
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`))
    .map((line) => [line.slice(name.length, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]);
};
const value = async (metrics: StageMetrics, name: string): Promise<number | undefined> =>
  (await valuesOf(metrics, name))[0]?.[1];

describe('how late touchpoints have their effect', () => {
  it('is told of what a processor decodes: since the oldest acceptance, and the newest occurrence', async () => {
    const catalogue = openCatalogue();
    const lateness = new Lateness();
    const metrics = new StageMetrics('processor');
    const watching = notingDecoded(catalogue, lateness);
    for (const [receivedAt, occurredAt] of [
      [NOW - 4_000, NOW - 90_000],
      [NOW - 2_000, NOW - 60_000],
    ] as const) {
      const touchpoint = {
        type: 'page_viewed',
        channel: 'shop',
        messageId: 'm',
        identifiers: [],
        payload: { path: '/' },
      };
      watching.decode(catalogue.encode({ ...touchpoint, occurredAt, receivedAt } as unknown as AnyTouchpoint));
    }
    lateness.tell(metrics, NOW);
    expect(await value(metrics, 'tributary_stage_delay_seconds_sum')).toBe(4);
    expect(await value(metrics, 'tributary_stage_event_time_delay_seconds')).toBe(60);
    // Nothing new: nothing is told twice.
    lateness.tell(metrics, NOW + 9_000);
    expect(await value(metrics, 'tributary_stage_delay_seconds_count')).toBe(1);
  });

  it('is told of the facts that a projector reads, and not of decisions or of intentions', async () => {
    const { events } = memoryStore();
    const lateness = new Lateness();
    const event = (n: number, recordedAt: number, source?: object) => ({
      stream: `${n === 3 ? 'intake' : 'subject'}-${n}`,
      expectedRevision: -1,
      events: [
        {
          id: `00000000-0000-4000-8000-00000000000${n}`,
          type: 'x',
          data: new Uint8Array(),
          metadata: { recordedAt, ...(source ? { source: source as never } : {}) },
        },
      ],
    });
    await events.append([event(1, NOW - 3_000, {}), event(2, NOW - 50_000), event(3, NOW - 70_000, {})]);
    await notingFacts(events, lateness).readAll(-1, 10);
    const metrics = new StageMetrics('projector');
    lateness.tell(metrics, NOW);
    expect(await value(metrics, 'tributary_stage_delay_seconds_sum')).toBe(3);
  });
});

describe('the loader’s numbers', () => {
  const door = (insert: Warehouse['insert']) => ({ insert }) as unknown as Warehouse;
  const raw = (table: string): RowBatch => ({
    table,
    columns: ['intake_position', 'occurred_at', 'received_at'],
    rows: [
      [7, NOW - 60_000, NOW - 5_000],
      [8, NOW - 30_000, NOW - 1_000],
    ],
  });

  it('are rows by table, inserts and their time, position and delays; a rebuild beside it does not count', async () => {
    const metrics = new StageMetrics('loader');
    const warehouse = tellingInserts(
      door(async () => undefined),
      metrics,
      () => NOW,
    );
    await warehouse.insert({ table: 'customers', columns: ['customer_id'], rows: [['c']] });
    await warehouse.insert(raw('raw_touchpoints'));
    await warehouse.insert(raw('raw_touchpoints__next'));
    const rows = await valuesOf(metrics, 'tributary_stage_records_total');
    expect(rows.map(([labels, n]) => [/source="(\w+)"/.exec(labels)?.[1], n])).toEqual([
      ['customers', 1],
      ['raw_touchpoints', 2],
    ]);
    expect(await value(metrics, 'tributary_stage_batch_seconds_count')).toBe(2);
    expect(await value(metrics, 'tributary_stage_position')).toBe(8);
    expect(await value(metrics, 'tributary_stage_delay_seconds_sum')).toBe(5);
    expect(await value(metrics, 'tributary_stage_event_time_delay_seconds')).toBe(30);
  });

  it('tell nothing of what was not taken', async () => {
    const metrics = new StageMetrics('loader');
    const warehouse = tellingInserts(
      door(() => Promise.reject(new EngineError('warehouse', 'retriable', 'away'))),
      metrics,
      () => NOW,
    );
    await expect(warehouse.insert(raw('raw_touchpoints'))).rejects.toThrow('away');
    expect(await valuesOf(metrics, 'tributary_stage_records_total')).toEqual([]);
  });

  it('hold what waits, and are scraped all the same while that cannot be asked', async () => {
    const metrics = new StageMetrics('loader');
    let isAway = false;
    metrics.lags(async () => {
      if (isAway) throw new EngineError('warehouse', 'retriable', 'away');
      return { facts: 12, customers: 3 };
    });
    const lag = async () => (await valuesOf(metrics, 'tributary_lag_records')).map(([labels, n]) => [labels, n]);
    expect(await lag()).toEqual([
      ['{consumer="facts"}', 12],
      ['{consumer="customers"}', 3],
    ]);
    isAway = true;
    expect(await lag()).toEqual([]);
    expect(await metrics.registry.metrics()).toContain('tributary_stage_retries_total');
  });
});
