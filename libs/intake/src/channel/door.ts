import {
  type Identify,
  loadIdentityRules,
  makeIdentify,
  type ParsedTouchpoint,
  parseTouchpoint,
  type Problem,
} from '@tributary/contracts';
import { type Instant } from '@tributary/kernel';
import { type Channel, type NativeEnvelope } from './model.js';

let made: Identify | undefined;

/** The identity rules as the platform reads them, once. No subject is looked up here: the key of the hash stands for none. */
const identify = (): Identify => {
  const lookupKey = new Uint8Array(32);
  return (made ??= makeIdentify({ lookupKey, rules: loadIdentityRules({ lookupKey }) }));
};

/** The types of identifiers that the door knows. */
export const identifierTypes = (): readonly string[] => Object.keys(identify().rules.types);

/**
 * What the door will say to a touchpoint; `null`: it takes it. Unless a moment is told, it is asked as of the touchpoint's
 * own time: whether a channel file is right does not depend on the day on which it is looked at.
 */
export const problemAtDoor = (
  channel: Channel['name'],
  envelope: NativeEnvelope,
  receivedAt: Instant = new Date(envelope.occurredAt).getTime(),
): Problem | null => {
  const parsed = judgedAtDoor(channel, envelope, receivedAt);
  return parsed.ok ? null : parsed.problem;
};

/** What the door will make of a touchpoint that comes at this moment. */
export const judgedAtDoor = (
  channel: Channel['name'],
  envelope: NativeEnvelope,
  receivedAt: Instant,
): ParsedTouchpoint => parseTouchpoint(envelope, { channel, receivedAt, identify: identify() });
