import { segmentBatchLimit_bytes, segmentEventLimit_bytes } from '@tributary/contracts';

/** What one request, and all requests together, may bring. Everything beyond is refused, never buffered. */
export interface DoorLimits {
  /** One native request, inflated. */
  readonly native_bytes: number;
  readonly nativeItems: number;
  /** One CloudEvent that is not understood, as JSON: what is held stands in one record of the log, whose engine bounds it. */
  readonly heldEvent_bytes: number;
  /** One Segment batch, inflated. */
  readonly segmentBatch_bytes: number;
  /** One Segment event. */
  readonly segmentEvent_bytes: number;
  /** Bodies of all requests that are being taken in, inflated; beyond it, or half of it from one caller, the answer is 429. */
  readonly inFlight_bytes: number;
}

const KB = 1_024;

export const doorLimits: DoorLimits = {
  native_bytes: 5 * KB * KB,
  nativeItems: 10_000,
  heldEvent_bytes: 256 * KB,
  segmentBatch_bytes: segmentBatchLimit_bytes,
  segmentEvent_bytes: segmentEventLimit_bytes,
  inFlight_bytes: 64 * KB * KB,
};
