import { afterAll, describe, expect, it } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { channel, csv, folder, read, zipOf } from '../testing/shop-file.js';
import { SourceMismatch } from './source-damaged.js';

const { put, remove } = folder();
afterAll(remove);

describe('a file, or one within a zip', () => {
  it('reads plain, gzip and zip alike, told apart by their bytes', async () => {
    const text = csv(50);
    const plain = await read(put('a.csv', text));
    expect(plain.rows).toBe(50);
    expect((await read(put('b.csv', gzipSync(text)))).ids).toEqual(plain.ids);
    expect(
      (await read(put('c.zip', zipOf({ 'x.csv': 'id,who,amount\n', 'a.csv': text })), { entry: 'a.csv' })).ids,
    ).toEqual(plain.ids);
    expect((await read(put('d.zip', zipOf({ 'a.csv': text })))).ids).toEqual(plain.ids);
  });

  it('says which entry a zip lacks', async () => {
    const { error } = await read(put('e.zip', zipOf({ 'a.csv': csv(1) })), { entry: 'b.csv' });
    expect(String(error)).toContain('holds no b.csv');
  });

  it('takes of a zip what the channel reads by its name, or the only file, and refuses to choose', async () => {
    const named = channel("files: ['orders*.csv']");
    const beside = { '__MACOSX/._a.csv': 'x', '.DS_Store': 'x', 'folder/': '' };
    expect((await read(put('z1.zip', zipOf({ ...beside, 'a.csv': csv(3) })))).rows).toBe(3);
    const readme = { 'read me.txt': 'x', 'in/orders-1.csv': csv(4) };
    expect((await read(put('z2.zip', zipOf(readme)), {}, named)).rows).toBe(4);
    const two = await read(put('z3.zip', zipOf({ ...beside, 'a.csv': csv(3), 'b.csv': csv(3) })));
    expect(two.error).toBeInstanceOf(SourceMismatch);
    expect(String(two.error)).toContain('holds 2 files that the channel reads: a.csv, b.csv. Name the one');
    expect(String(two.error)).toContain('--entry');
    expect(two.rows).toBe(0);
    const none = await read(put('orders.zip', zipOf({ 'a.csv': csv(3), 'b.csv': csv(3) })), {}, named);
    expect(String(none.error)).toContain('holds 2 files, none of which the channel reads by its name: a.csv, b.csv');
    const many = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`${i}.csv`, csv(1)]));
    expect(String((await read(put('z4.zip', zipOf(many)))).error)).toContain('9.csv and 2 more');
  });

  it('reads the names in a zip as Windows writes them in China, or in UTF-8 that does not say so', async () => {
    const named = channel("files: ['订单*.csv']");
    const [orders, members] = ['订单1.csv', '会员.csv'];
    const gbk: Readonly<Record<string, string>> = { [orders]: 'b6a9b5a5312e637376', [members]: 'bbe1d4b12e637376' };
    const inGbk = (name: string) => Buffer.from(gbk[name] ?? '', 'hex');
    const files = { [orders]: csv(3), [members]: csv(2) };
    expect((await read(put('z6.zip', zipOf(files, inGbk)), {}, named)).rows).toBe(3);
    expect((await read(put('z7.zip', zipOf(files)), {}, named)).rows).toBe(3);
    expect((await read(put('z6.zip', zipOf(files, inGbk)), { entry: members })).rows).toBe(2);
    expect(String((await read(put('z6.zip', zipOf(files, inGbk)))).error)).toContain(': 订单1.csv, 会员.csv. Name');
    // What code page 437 makes of it has been what they were called.
    expect((await read(put('z6.zip', zipOf(files, inGbk)), { entry: '╢⌐╡Ñ1.csv' }, named)).error).toBeInstanceOf(
      RangeError,
    );
    expect((await read(put('z6.zip', zipOf(files, inGbk)), { entry: '╢⌐╡Ñ1.csv' })).rows).toBe(3);
  });

  it('names the entry whose header is another', async () => {
    const { error } = await read(put('z5.zip', zipOf({ 'in/a.csv': 'id;who\n1;2\n' })));
    expect(String(error)).toContain('z5.zip (entry in/a.csv) has a header without id, who, amount');
  });
});
