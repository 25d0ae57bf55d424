import { expect, test } from '@jest/globals';
import { sqlAnswer } from './sql-answer.js';

const tag = '0123456789abcdef';

/** What is written of an answer that comes in these pieces, and how it ends. */
const written = async (pieces: readonly string[], isWhole: boolean): Promise<readonly [string, string]> => {
  async function* comes(): AsyncGenerator<Buffer> {
    for (const piece of pieces) yield Buffer.from(piece);
    if (!isWhole) throw Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
  }
  let text = '';
  try {
    for await (const part of sqlAnswer(Object.assign(comes(), { headers: { 'x-clickhouse-exception-tag': tag } })))
      text += part.toString();
    return [text, 'whole'];
  } catch (error) {
    return [text, (error as Error).message];
  }
};

test('a whole answer is written as it came', async () => {
  expect(await written(['1\n2', '\n', '3\r\n'], true)).toEqual(['1\n2\n3\r\n', 'whole']);
  expect(await written([], true)).toEqual(['', 'whole']);
});

test('why one failed midway is told, and not written, however it is cut into pieces', async () => {
  const told = 'Code: 159. DB::Exception: Timeout exceeded. (TIMEOUT_EXCEEDED)';
  const text = `1\n2\n\r\n__exception__\r\n${tag}\r\n${told}\n63 ${tag}\r\n__exception__\r\n`;
  for (const size of [1, 7, 30, 1_000])
    expect(await written(text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [], false)).toEqual([
      '1\n2\n',
      `the answer is not whole: ${told}`,
    ]);
});

test.each([true, false])(
  'of why one failed no more is told than somebody reads (it ends well: %s)',
  async (isWhole) => {
    const told = Array.from({ length: 64 }, () => 'why '.repeat(1_024));
    const [text, end] = await written([`1\n\r\n__exception__\r\n${tag}\r\n`, ...told], isWhole);
    expect(text).toBe('1\n');
    expect(end).toMatch(/^the answer is not whole: why why .* why …$/);
    expect(end.length).toBeLessThan(16_500);
  },
);

test('one that breaks off without a word is said to', async () => {
  expect(await written(['1\n'], false)).toEqual(['', 'the answer broke off: it is not whole']);
});
