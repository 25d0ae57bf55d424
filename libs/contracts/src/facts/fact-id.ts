import { hash } from 'node:crypto';

/**
 * By what a touchpoint is known again: 32 hex digits from SHA-256 of `channel\0messageId`. Channel names hold no NUL, so
 * two touchpoints share a key only if they share both.
 */
export const seenKey = (channel: string, messageId: string): string =>
  hash('sha256', `${channel}\0${messageId}`, 'hex').slice(0, 32);

const variants = '89ab';

/** The event id of a touchpoint's fact: its seen key as a UUID (version 8: of our own making). */
export const factIdFrom = (key: string): string =>
  `${key.slice(0, 8)}-${key.slice(8, 12)}-8${key.slice(13, 16)}-${variants[Number.parseInt(key.charAt(16), 16) & 3]}${key.slice(17, 20)}-${key.slice(20, 32)}`;

/** As `factIdFrom(seenKey(channel, messageId))`; whoever needs both hashes once. */
export const factId = (channel: string, messageId: string): string => factIdFrom(seenKey(channel, messageId));
