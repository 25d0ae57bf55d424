import { type Identifier } from '@tributary/domain';
import { isInvalidIdentifier, makeIdentify } from '../identifiers/identify.js';
import { loadIdentityRules } from '../identifiers/identity-rules.js';

/** The shipped rules of identity, under a key that specs know. */
export const lookupKey = Buffer.alloc(32, 7);
export const rules = loadIdentityRules({ lookupKey });
export const identify = makeIdentify({ lookupKey, rules });

/** An identifier that must be one. */
export const valid = (type: string, raw: string): Identifier => {
  const identified = identify(type, raw);
  if (isInvalidIdentifier(identified)) throw new Error(`${type} was refused: ${identified.expected}`);
  return identified;
};
