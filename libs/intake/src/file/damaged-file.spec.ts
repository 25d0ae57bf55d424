import { afterAll, describe, expect, it } from '@jest/globals';
import { crc32, gzipSync } from 'node:zlib';
import { csv, folder, grouped, read, zipOf } from '../testing/shop-file.js';
import { SourceDamaged } from './source-damaged.js';

const { put, remove } = folder();
afterAll(remove);

describe('a damaged file', () => {
  it('takes what a cut gzip still holds, refuses its broken last line, and says at the end that it is cut', async () => {
    const whole = gzipSync(csv(20_000));
    const { ids, rejects, error, rows } = await read(put('l.csv.gz', whole.subarray(0, whole.length >> 1)));
    expect(error).toBeInstanceOf(SourceDamaged);
    expect(String(error)).toContain('cut off');
    expect(ids.length).toBeGreaterThan(5_000);
    expect(ids).toEqual(Array.from({ length: ids.length }, (_, i) => `o${i}`));
    expect(rejects.length).toBeLessThanOrEqual(1);
    expect(rows).toBe(ids.length + rejects.length);
  });

  it('does not take lines of a quoted field for records where the file breaks off within it', async () => {
    const noise = Array.from({ length: 20_000 }, () => Math.random().toString(36)).join('');
    const whole = gzipSync(`id,who,amount\no1,c,1\no2,"first\no9,c,9\n${noise}",2\n`);
    const { ids, rejects, rows } = await read(put('n.csv.gz', whole.subarray(0, whole.length >> 1)));
    expect(ids).toEqual(['o1']);
    expect(rejects.map(({ row, line }) => [row, line])).toEqual([
      [2, 3],
      [3, 5],
    ]);
    expect(rows).toBe(3);
  });

  it('does not let an order whose rows may be missing pass for whole', async () => {
    const text = `id,who,amount\n${Array.from({ length: 20_000 }, (_, i) => `o${i >> 1},c,1.25\n`).join('')}`;
    const whole = gzipSync(text);
    const { batches, rejects, rows } = await read(put('m.csv.gz', whole.subarray(0, whole.length - 900)), {}, grouped);
    for (const { envelope } of batches.flatMap((b) => b.items)) expect(envelope.payload['amount']).toBe('2.5');
    expect(rejects.length).toBeGreaterThan(0);
    expect(rejects.every((r) => r.reason.includes('breaks off'))).toBe(true);
    const ofWhole = batches.flatMap((b) => b.items).reduce((sum, item) => sum + item.rows, 0);
    const refused = rejects.map(({ row }) => row).sort((a, b) => a - b);
    expect(refused).toEqual(rejects.map((_, i) => ofWhole + i + 1));
    expect(rows).toBe(ofWhole + rejects.length);
  });

  it('says that a zip without its end is none, and that corrupt bytes are', async () => {
    const zip = zipOf({ 'a.csv': csv(100) });
    expect((await read(put('n.zip', zip.subarray(0, zip.length - 30)))).error).toBeInstanceOf(SourceDamaged);
    const corrupt = Buffer.from(gzipSync(csv(3000)));
    corrupt.fill(0x55, corrupt.length >> 1, (corrupt.length >> 1) + 40);
    expect((await read(put('o.gz', corrupt))).error).toBeInstanceOf(SourceDamaged);
  });

  it('says what stands behind a gzip stream and is none, what was taken, and what to do', async () => {
    const small = await read(put('tail.csv.gz', Buffer.concat([gzipSync(csv(1)), Buffer.from('-- signed')])));
    expect(small.error).toBeInstanceOf(SourceDamaged);
    expect(String(small.error)).toMatch(
      /behind the end of its gzip stream.* 256 KB or more before that was taken; .*gzip -dc/,
    );
    expect(small.ids).toEqual([]);
    const whole = csv(60_000);
    const large = await read(put('tail2.csv.gz', Buffer.concat([gzipSync(whole), Buffer.from('-- signed')])));
    const taken = whole.indexOf(`\no${large.ids.length},`);
    expect(taken).toBeGreaterThan(whole.length - 2 * (1 << 18));
    // Padding, and a stream behind the stream, are in order.
    const parts = [gzipSync(csv(1)), gzipSync('o1,c,1\n'), Buffer.alloc(512)];
    expect(await read(put('tail3.csv.gz', Buffer.concat(parts)))).toMatchObject({ ids: ['o0', 'o1'], error: null });
  });

  it('says that a zip entry is corrupt whose bytes have not its checksum', async () => {
    const text = csv(100);
    const zip = zipOf({ 'a.csv': text });
    const place = zip.lastIndexOf('PK\x01\x02') + 16;
    zip.writeUInt32LE(crc32(text.replace('o50', 'o51')), place);
    const { error, ids } = await read(put('crc.zip', zip));
    expect(error).toBeInstanceOf(SourceDamaged);
    expect(String(error)).toMatch(/is corrupt: a.csv has not the checksum.* something of it may be wrong;/);
    expect(ids).toHaveLength(100);
  });
});
