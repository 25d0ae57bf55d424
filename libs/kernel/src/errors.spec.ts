import { expect, it } from '@jest/globals';
import { EngineError, type EngineFailure, mayPass, StoreFull } from './errors.js';

it('is waited for where an engine is away, full or lost its answer; never with a bug of ours, or what cannot succeed', () => {
  const failed = (failure: EngineFailure): boolean => mayPass(new EngineError('log', failure, 'failed'));
  expect((['retriable', 'unknown', 'fatal'] as const).map(failed)).toEqual([true, true, false]);
  expect(mayPass(new StoreFull('store'))).toBe(true);
  for (const bug of [new TypeError('a bug'), 'text', undefined, { failure: 'retriable' }])
    expect(mayPass(bug)).toBe(false);
});
