import { expect, test } from '@jest/globals';
import { EngineError, StoreFull } from '@tributary/kernel';
import { refusalOf } from '../refusal.js';
import { failedBy, thrownThere } from './thread-failure.js';

const acrossThreads = (error: Error): Error => thrownThere(structuredClone(failedBy(error)));

test.each([
  new EngineError('keys', 'retriable', 'some are missing'),
  new StoreFull('embedded store'),
  new Error('a bug'),
])('what fails in a thread is told as if it had failed here: %s', (error) => {
  const there = acrossThreads(error);
  expect(there.message).toBe(error.message);
  expect(there.constructor).toBe(error.constructor);
  expect(refusalOf(there)?.body).toEqual(refusalOf(error)?.body);
});
