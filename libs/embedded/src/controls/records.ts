import { type LogRecord, type NewEvent } from '@tributary/kernel';

export const bytes = (text: string) => new Uint8Array(Buffer.from(text));

export const record = (key: string | null, text: string, timestamp_ms = 1): LogRecord => ({
  key,
  value: bytes(text),
  timestamp_ms,
});

let lastId = 0;
export const event = (text = 'x'): NewEvent => ({
  id: `event-${++lastId}`,
  type: 'Happened',
  data: bytes(text),
  metadata: { recordedAt: 1 },
});
