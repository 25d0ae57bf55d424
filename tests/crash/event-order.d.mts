import { type EventStore, type RecordedEvent } from '@tributary/kernel';

export interface EventOrder {
  readonly count: number;
  readonly streams: number;
  readonly problems: readonly string[];
}

export const eventOrder: (
  events: Pick<EventStore, 'readAll'>,
  also?: (event: RecordedEvent) => readonly string[],
) => Promise<EventOrder>;
