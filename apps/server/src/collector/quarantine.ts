import { createHash } from 'node:crypto';
import { type Instant, type LogRecord } from '@tributary/kernel';

/** Why a message could not be understood; shapes, never values. */
export interface QuarantineReason {
  readonly code: string;
  readonly field: string;
  readonly found: string;
  readonly expected: string;
  readonly remedy: string;
}

/** What stands in the topic `quarantine.<channel>`, as JSON text: everything needed to see, mend and replay it. */
export interface Quarantined {
  readonly reason: QuarantineReason;
  /** ISO 8601. */
  readonly receivedAt: string;
  readonly origin: 'http' | 'file' | 'log';
  /**
   * `batch[3]` or `cloudevents[3]` of a request, the call that one came by (`track`, `cloudevent`), `<file>:<line>`, or
   * `topic/partition/offset`.
   */
  readonly position?: string;
  /** What the position is in, where its name may be that of others, too: stands for a file's content. */
  readonly source?: string;
  /** Base64 of the message as it came; one call of a batch with what the batch said for it, an event in the JSON format. */
  readonly bytes: string;
}

/** What a request to a door held and nobody understood, as `quarantineRecord` has it. */
export const heldOfRequest = (reason: QuarantineReason, position: string, bytes: Buffer, at: Instant): LogRecord =>
  quarantineRecord(
    { reason, receivedAt: new Date(at).toISOString(), origin: 'http', position, bytes: bytes.toString('base64') },
    at,
  );

/** The same bytes from the same place have the same key, so that a row imported twice can be told. */
export const quarantineRecord = (item: Quarantined, at: Instant): LogRecord => ({
  key: createHash('sha256')
    .update(
      `${item.origin}\0${item.position ?? ''}\0${item.bytes}${item.source === undefined ? '' : `\0${item.source}`}`,
    )
    .digest('hex')
    .slice(0, 32),
  value: new TextEncoder().encode(JSON.stringify(item)),
  timestamp_ms: at,
});
