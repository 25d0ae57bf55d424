import { expect, test } from '@jest/globals';
import { toEngineError } from './redis-errors.js';

test('a server that is away is told of in words that an operator understands', () => {
  const { failure, message } = toEngineError(
    new Error("Stream isn't writeable and enableOfflineQueue options is false"),
  );
  expect(failure).toBe('retriable');
  expect(message).toMatch(/not connected: the server is away/);
});

test('a server that lets in no more clients is to be asked again', () => {
  const refused = Object.assign(new Error('ERR max number of clients reached'), { name: 'ReplyError' });
  expect(toEngineError(refused).failure).toBe('retriable');
});
