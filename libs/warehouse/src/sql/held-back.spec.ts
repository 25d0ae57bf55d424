import { expect, test } from '@jest/globals';
import { type AnswerPart } from '../chdb/protocol.js';
import { heldBack } from './held-back.js';

async function* partsOf(sizes: readonly number[], isWhole: boolean): AsyncGenerator<AnswerPart> {
  for (const size of sizes) yield { bytes: new Uint8Array(size) };
  if (!isWhole) throw new Error('midway');
}

/** Sizes of the parts that were handed out; `null` at the end: it failed. */
const handedOut = async (sizes: readonly number[], isWhole = true): Promise<(number | null)[]> => {
  const out: (number | null)[] = [];
  try {
    for await (const { bytes } of heldBack(partsOf(sizes, isWhole), 10)) out.push(bytes.length);
  } catch {
    out.push(null);
  }
  return out;
};

test('an answer is handed out whole and in its order, however large', async () => {
  for (const sizes of [[], [3], [4, 6], [4, 6, 1], [11, 2], [1, 20, 3, 4]])
    expect(await handedOut(sizes)).toEqual(sizes);
});

test('nothing of one that fails is handed out while it can be held', async () => {
  expect(await handedOut([4, 6], false)).toEqual([null]);
  expect(await handedOut([4, 7, 1], false)).toEqual([4, 7, 1, null]);
});
