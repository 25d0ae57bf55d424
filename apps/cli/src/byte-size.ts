import { ExitCode } from './exit-code.js';
import { Failure } from './failure.js';

const units = { m: 2 ** 20, g: 2 ** 30 } as const;
/** Below that nothing of ours runs. */
const LEAST_BYTES = 512 * units.m;

/** Bytes of a size such as `1500m` or `3g`. `undefined`: the variable is there and empty, as compose files leave it. */
export const byteSize = (text: string): number | undefined => {
  if (text.trim() === '') return undefined;
  const [, digits, unit] = /^(\d{1,6}(?:\.\d)?)([mg])i?b?$/i.exec(text.trim()) ?? [];
  const bytes = Number(digits) * units[(unit?.toLowerCase() ?? 'm') as keyof typeof units];
  if (!(bytes >= LEAST_BYTES))
    throw new Failure(
      ExitCode.usage,
      '--memory (TRIBUTARY_MEMORY) is not a size of memory',
      'write it as 3g or 1500m, from 512m on',
    );
  return Math.floor(bytes);
};
