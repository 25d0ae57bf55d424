import { describe, expect, it } from '@jest/globals';
import { ExitCode } from '../exit-code.js';
import { failureOfAnswer } from './answer-failure.js';

const exitOf = (status: number, code: string): ExitCode =>
  failureOfAnswer({ status, headers: {}, text: JSON.stringify({ error: { code, message: 'm', remedy: 'r' } }) }).exit;

describe('what the server refuses', () => {
  it('is not found where it is of nobody, or of a channel that is not there, as `--help` says', () => {
    expect([exitOf(404, 'not_found'), exitOf(400, 'unknown_channel')]).toEqual([ExitCode.notFound, ExitCode.notFound]);
    expect(exitOf(400, 'invalid_request')).toBe(ExitCode.usage);
  });
});
