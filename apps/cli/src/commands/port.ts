import { ExitCode } from '../exit-code.js';
import { Failure } from '../failure.js';

export const port = (text: string): number => {
  const n = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (!(n <= 65_535))
    throw new Failure(ExitCode.usage, 'that is not a port', 'write a number from 0 (any free one) to 65535');
  return n;
};
