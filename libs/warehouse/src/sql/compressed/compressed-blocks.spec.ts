import { finished, pipeline } from 'node:stream/promises';
import { PassThrough, Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { compressedBlock, compressedBlocks } from './compressed-blocks.js';
import { noise } from '../../controls/noise.js';
import { unpacked } from '../../controls/unpacked.js';

describe('a compressed block', () => {
  const text = Buffer.from('stage,tier\n' + 'maturity,gold\n'.repeat(9_000));

  test.each([0, 1, 12, 13, 100, 65_536])('of %i bytes of text is unpacked again', (length) => {
    const bytes = text.subarray(0, length);
    expect(unpacked(compressedBlock(bytes)).equals(bytes)).toBe(true);
  });

  test.each([1, 270, 65_536])('of %i bytes that repeat nothing', (length) => {
    const bytes = Buffer.from(noise(length));
    expect(unpacked(compressedBlock(bytes)).equals(bytes)).toBe(true);
  });

  test('is small where much repeats', () => {
    expect(compressedBlock(text.subarray(0, 65_536)).length).toBeLessThan(1_000);
  });

  test('others have their turn while a large answer is packed', async () => {
    const packer = compressedBlocks();
    let turns = 0;
    const counting = setInterval(() => turns++, 0);
    packer.resume().end(Buffer.from(noise(6_000_000)));
    await finished(packer);
    clearInterval(counting);
    expect(turns).toBeGreaterThan(10);
  });

  test('an answer is as many of them as it takes', async () => {
    const out = new PassThrough();
    const read = (async () => Buffer.concat(await out.toArray()))();
    await pipeline(
      Readable.from([text, text.subarray(0, 7), Buffer.alloc(0), Buffer.from(noise(70_000))]),
      compressedBlocks(),
      out,
    );
    expect(unpacked(await read).equals(Buffer.concat([text, text.subarray(0, 7), noise(70_000)]))).toBe(true);
  });
});
