import { afterAll, describe, expect, it } from '@jest/globals';
import { channel, folder, grouped, read } from '../testing/shop-file.js';

const { put, remove } = folder();
afterAll(remove);

describe('rows that are one record', () => {
  it('joins rows that lie a little apart, and notices one that comes too late', async () => {
    const { batches, rejects } = await read(
      put('r.csv', 'id,who,amount\na,c,1\nb,c,1\na,c,1\nc,c,1\nd,c,1\na,c,9\n'),
      {},
      grouped,
    );
    const amounts = batches.flatMap((b) =>
      b.items.map((i) => [i.envelope.messageId, i.envelope.payload['amount'], i.rows]),
    );
    expect(amounts).toEqual([
      ['a', '2', 2],
      ['b', '1', 1],
      ['c', '1', 1],
      ['d', '1', 1],
    ]);
    expect(rejects.map((r) => [r.row, r.reason.slice(0, 31)])).toEqual([[6, 'its record was complete already']]);
  });

  it('joins no rows by an empty key: they are refused, unless a rule leaves them out', async () => {
    const by = channel('group: { by: [id, who], open: 2 }\n    ignore: [{ when: { id: Total }, because: totals }]');
    const { batches, ids, rejects, rows } = await read(
      put('v.csv', 'id,who,amount\na,c,1\n,c,2\n,c,3\na,,4\na,c,5\nTotal,,15\n'),
      {},
      by,
    );
    expect(ids).toEqual(['a']);
    expect(batches[0]?.items.map((i) => [i.envelope.payload['amount'], i.rows])).toEqual([['6', 2]]);
    expect(rejects.map((r) => [r.row, r.rows, r.reason])).toEqual([
      [2, 1, '<id>, by which rows are one record, is empty'],
      [3, 1, '<id>, by which rows are one record, is empty'],
      [4, 1, '<who>, by which rows are one record, is empty'],
    ]);
    expect(batches.map((b) => b.ignored)).toEqual([{ totals: 1 }]);
    expect(rows).toBe(6);
  });

  it('bounds the rows of a record', async () => {
    const { rejects } = await read(put('s.csv', `id,who,amount\n${'a,c,1\n'.repeat(5)}`), {}, grouped);
    expect(rejects.map((r) => r.row)).toEqual([4, 5]);
  });
});
