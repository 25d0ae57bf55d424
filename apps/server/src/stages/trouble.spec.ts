import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { Trouble } from './trouble.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

it('is over after a while without another failure, or at the first progress', () => {
  const trouble = new Trouble();
  expect(trouble.reason).toBeNull();
  trouble.failed('away');
  jest.advanceTimersByTime(14_000);
  expect(trouble.reason).toBe('away');
  trouble.failed('still away');
  jest.advanceTimersByTime(14_000);
  expect(trouble.reason).toBe('still away');
  jest.advanceTimersByTime(2_000);
  expect(trouble.reason).toBeNull();
  trouble.failed('away again');
  trouble.over();
  expect(trouble.reason).toBeNull();
});

it('lasts for as long after a new attempt began, however long that took to come', () => {
  const trouble = new Trouble();
  trouble.again();
  expect(trouble.reason).toBeNull();
  trouble.failed('away');
  jest.advanceTimersByTime(10_000);
  trouble.again();
  jest.advanceTimersByTime(10_000);
  expect(trouble.reason).toBe('away');
});
