import { isTouchpointType } from '@tributary/domain';
import { type QuarantinedItem, type SegmentDoor, segmentDoors } from '../http/api.js';

type Event = Readonly<Record<string, unknown>>;

/** `undefined`: the text is not JSON of one event. */
export const eventIn = (text: string): Event | undefined => {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? (parsed as Event) : undefined;
  } catch {
    return undefined;
  }
};

/**
 * Where an event belongs: a CloudEvent says its version, whatever type it names; a native one names a type of the catalogue.
 * One of Segment's goes by the call it came by, which only those of a batch name themselves; and what was put aside by
 * others says what it is.
 */
export const doorOf = (
  { origin, position = '' }: QuarantinedItem,
  { type, specversion }: Event,
): SegmentDoor | 'touchpoints' | 'cloudevents' | undefined => {
  if (specversion !== undefined || (origin === 'http' && position.startsWith('cloudevent'))) return 'cloudevents';
  if (typeof type === 'string' && isTouchpointType(type)) return 'touchpoints';
  if (origin === 'http' && position.startsWith('batch[')) return 'batch';
  const call = origin === 'http' ? segmentDoors.find((door) => door === position) : undefined;
  if (call !== undefined) return call;
  if (typeof type !== 'string') return undefined;
  return segmentDoors.some((door) => door === type) ? 'batch' : 'touchpoints';
};
