import { afterAll, describe, expect, it } from '@jest/globals';
import { channel, folder, jsonLines, read } from '../testing/shop-file.js';

const { put, remove } = folder();
afterAll(remove);

describe('reading NDJSON', () => {
  it('refuses an id that a JSON number does not keep, alone or as the key of a record', async () => {
    const text =
      '{"id":1,"who":7201234567890123457,"amount":"1"}\n{"id":7201234567890123400,"who":"a","amount":"1"}\n' +
      '{"id":9007199254740991,"who":"7201234567890123457","amount":"1","unused":7201234567890123457}\n';
    for (const by of [channel('format: ndjson'), channel('format: ndjson\n    group: { by: [id] }')]) {
      const { batches, rejects, rows } = await read(put('large.ndjson', text), {}, by);
      expect(rows).toBe(3);
      expect(rejects.map(({ row, reason }) => [row, reason.slice(0, 30)]).sort()).toEqual([
        [1, '<who> is a number beyond 2^53,'],
        [2, '<id> is a number beyond 2^53, '],
      ]);
      expect(batches.flatMap(({ items }) => items.map(({ envelope }) => envelope.identifiers[0]?.value))).toEqual([
        '7201234567890123457',
      ]);
    }
  });

  it('refuses JSON that is nested too deeply to be written again, alone', async () => {
    const nested = (depth: number) => `{"id":${'['.repeat(depth)}${']'.repeat(depth)},"who":"c","amount":"1"}\n`;
    const text = nested(100_000) + nested(1000) + nested(10) + '{"id":"o","who":"c","amount":"1"}\n';
    const { ids, rejects } = await read(put('deep.ndjson', text), {}, channel('format: ndjson'));
    expect(ids).toEqual(['[[[[[[[[[[]]]]]]]]]]', 'o']);
    expect(rejects.map(({ row, reason }) => [row, reason])).toEqual([
      [1, 'the line is JSON nested more than 1000 deep'],
      [2, 'the line is JSON nested more than 1000 deep'],
    ]);
  });

  it('passes by empty lines between JSON records, which are no rows', async () => {
    const { ids, rejects, rows } = await read(put('gap.ndjson', '{"id":"o1"}\n\n \r\n{"id":"o2"}\n'), {}, jsonLines);
    expect([ids, rejects, rows]).toEqual([['o1', 'o2'], [], 2]);
  });
});
