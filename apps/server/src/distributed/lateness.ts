import { type Catalogue } from '@tributary/contracts';
import { INTAKE_STREAMS } from '@tributary/domain';
import { type EventStore, type Warehouse } from '@tributary/kernel';
import { type StageMetrics } from './stage-metrics.js';

/** Times of what a stage has in hand, until it has had its effect. Behind its ports, so that no stage carries clocks for it. */
export class Lateness {
  #acceptedAt = Infinity;
  #occurredAt = -Infinity;

  note(acceptedAt: number, occurredAt = -Infinity): void {
    if (acceptedAt < this.#acceptedAt) this.#acceptedAt = acceptedAt;
    if (occurredAt > this.#occurredAt) this.#occurredAt = occurredAt;
  }

  /** It has had its effect: by its oldest acceptance, and its newest occurrence. */
  tell(metrics: StageMetrics, now: number): void {
    if (Number.isFinite(this.#acceptedAt)) metrics.late(now - this.#acceptedAt);
    if (Number.isFinite(this.#occurredAt)) metrics.behindEventTime(now - this.#occurredAt);
    [this.#acceptedAt, this.#occurredAt] = [Infinity, -Infinity];
  }
}

/** Notes what is read from the log. */
export const notingDecoded = (catalogue: Catalogue, lateness: Lateness): Catalogue => ({
  ...catalogue,
  decode: (bytes) => {
    const touchpoint = catalogue.decode(bytes);
    lateness.note(touchpoint.receivedAt, touchpoint.occurredAt);
    return touchpoint;
  },
});

/** Notes the facts that are read from the event store; decisions are as old as their stage. */
export const notingFacts = (events: EventStore, lateness: Lateness): EventStore => ({
  append: (appends) => events.append(appends),
  readStream: (stream, from, most) => events.readStream(stream, from, most),
  readStreams: (streams) => events.readStreams(streams),
  readAll: async (after, most, prefix) => {
    const page = await events.readAll(after, most, prefix);
    for (const { stream, metadata } of page)
      if (metadata.source && !stream.startsWith(INTAKE_STREAMS)) lateness.note(metadata.recordedAt);
    return page;
  },
  head: () => events.head(),
});

const RAW = 'raw_touchpoints';
const HAS_SIDES = /__/;

/** Tells of each insert into a live table; touchpoints can be queried when the last of their tables has them. */
export const tellingInserts = (warehouse: Warehouse, metrics: StageMetrics, now: () => number): Warehouse => {
  const lateness = new Lateness();
  return {
    ...warehouse,
    insert: async (batch) => {
      const began = performance.now();
      await warehouse.insert(batch);
      const { table, columns, rows } = batch;
      if (HAS_SIDES.test(table)) return;
      metrics.took(table, rows.length, performance.now() - began);
      if (table !== RAW) return;
      const [accepted, occurred, position] = ['received_at', 'occurred_at', 'intake_position'].map((name) =>
        columns.indexOf(name),
      ) as [number, number, number];
      for (const row of rows) lateness.note(Number(row[accepted]), Number(row[occurred]));
      const last = rows[rows.length - 1];
      if (last) metrics.stands(Number(last[position]));
      lateness.tell(metrics, now());
    },
  };
};
