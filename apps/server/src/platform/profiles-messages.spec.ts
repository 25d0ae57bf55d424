import { describe, expect, it } from '@jest/globals';
import { EngineError } from '@tributary/kernel';
import { ComponentTooLarge, InvalidIdentifierError, InvalidPosition, UnknownPath } from '@tributary/query';
import { fromThrown, toThrown } from './profiles-messages.js';

const across = (error: unknown): Error => fromThrown(structuredClone(toThrown(error)));

describe('an error that passes from thread to thread', () => {
  it.each([
    new InvalidIdentifierError({
      invalid: true,
      code: 'invalid_identifier',
      found: 'a text of 3 letters',
      expected: 'a phone number',
      remedy: 'send it in E.164',
    } as never),
    new UnknownPath('value.nett', ['value.net']),
    new InvalidPosition('place in a timeline', '1:2:3'),
    new ComponentTooLarge(1_000),
    new EngineError('store', 'retriable', 'away', { cause: new Error('why') }),
  ])('is of the same class with the same fields: %s', (error) => {
    const arrived = across(error);
    expect(arrived).toBeInstanceOf(error.constructor);
    expect({ ...arrived }).toMatchObject({ ...error, cause: undefined });
    expect([arrived.message, arrived.name]).toEqual([error.message, error.name]);
  });

  it('takes along no field of a class that is not ours', () => {
    const arrived = across(Object.assign(new TypeError('no'), { secret: 's' }));
    expect([arrived.name, arrived.message, 'secret' in arrived]).toEqual(['TypeError', 'no', false]);
    expect(across('thrown').message).toBe('thrown');
  });
});
