import { afterAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parseChannel } from '../channel/parse-channel.js';
import { channel, csv, folder, grouped, jsonLines, read, zipOf } from '../testing/shop-file.js';
import { longestLine_bytes } from './lines.js';
import { SourceMismatch } from './source-damaged.js';

const { dir, put, remove } = folder();
afterAll(remove);

describe('reading a file', () => {
  it('knows a file with a byte order mark, other line ends, other column order, more columns and blank lines', async () => {
    const { ids, rejects } = await read(put('f.csv', '\ufeffamount,note,id,who\r\n1,x,o1,c1\r\n\r\n2,,o2,c2\r\n'));
    expect(ids).toEqual(['o1', 'o2']);
    expect(rejects).toEqual([]);
  });

  it('refuses a file that is another, before anything is taken, and names what is missing', async () => {
    const { error, rows } = await read(put('g.csv', 'id;who;amount\n1;2;3\n'));
    expect(error).toBeInstanceOf(SourceMismatch);
    expect(String(error)).toContain('without id, who, amount');
    expect(rows).toBe(0);
    expect(String((await read(put('empty.csv', ''))).error)).toContain('is empty');
  });

  it('refuses a header that has a column of the mapping twice, not one that it does not read', async () => {
    const { error, rows } = await read(put('w.csv', 'id,who,amount, amount\no1,c,5,7\n'));
    expect(error).toBeInstanceOf(SourceMismatch);
    expect(String(error)).toContain('has more than one column called amount');
    expect(rows).toBe(0);
    expect((await read(put('w2.csv', 'id,note,who,amount,note\no1,a,c,5,b\n'))).ids).toEqual(['o1']);
  });

  it.each([
    ['utf16le.csv', Buffer.from('\ufeffid,who,amount\n', 'utf16le'), 'is text in UTF-16'],
    ['utf16be.csv', Buffer.from('\ufeffid,who,amount\n', 'utf16le').swap16(), 'is text in UTF-16'],
    ['bare16.csv', Buffer.from('id,who,amount\n', 'utf16le'), 'is text in UTF-16, without the mark'],
    ['book.xls', Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1]), 'is an old Office file'],
    ['book.xlsx', zipOf({ '[Content_Types].xml': '<x/>', 'xl/workbook.xml': '<x/>' }), 'is an Office file (.xlsx'],
    ['in.csv.gz', gzipSync(gzipSync(csv(1))), 'is gzip within another archive'],
    ['a.pdf', Buffer.from('%PDF-1.7\n'), 'is a PDF'],
    ['a.tar.gz', gzipSync(Buffer.concat([Buffer.alloc(257, 'a'), Buffer.from('ustar\x0000')])), 'is a tar archive'],
  ])('says what %s is, instead of which columns it lacks', async (name, bytes, what) => {
    const { error, rows } = await read(put(name, bytes));
    expect(error).toBeInstanceOf(SourceMismatch);
    expect(String(error)).toContain(what);
    expect(rows).toBe(0);
  });

  it('leaves out the lines above the header that the channel file counts, and no others', async () => {
    const report = 'Orders, "of March\n\nid,who,amount\no1,c,1\n\no2,c\n';
    const skipping = channel('skip: 2');
    const { ids, rejects } = await read(put('t1.csv', report), {}, skipping);
    expect(ids).toEqual(['o1']);
    expect(rejects).toMatchObject([{ row: 2, line: 6 }]);
    expect((await read(put('t1.csv', report), { from: 1 }, skipping)).ids).toEqual([]);
    const titled = await read(put('t2.csv', `Orders\n${csv(2)}`));
    expect(String(titled.error)).toContain('(line 1 has 1 column)');
    expect(String(titled.error)).toContain('left out with `skip: 1`');
    const bare = await read(put('t3.csv', csv(2)), {}, skipping);
    expect(String(bare.error)).toContain('(line 3 has 3 columns)');
    expect(bare.rows).toBe(0);
    expect(() => channel('skip: 1\n    header: false')).toThrow('skip stands where there is no header');
  });

  it('says of a header in another encoding which it may be', async () => {
    const gbk = Buffer.concat([Buffer.from('id,who,amount,'), Buffer.from([0xb2, 0xe8]), Buffer.from('\no1,c,1,x\n')]);
    const { error, rows } = await read(put('en1.csv', gbk));
    expect(error).toBeInstanceOf(SourceMismatch);
    expect(String(error)).toContain('the line is not valid utf-8. It may be gb18030: state `encoding: gb18030`');
    expect(rows).toBe(0);
    const utf8 = Buffer.from('id,who,amount,茶\no1,c,1,x\n');
    const other = await read(put('en2.csv', utf8), {}, channel('encoding: gb18030'));
    expect(String(other.error)).toContain('the line is not valid gb18030. It may be utf-8');
    const neither = await read(put('en3.csv', Buffer.from([0x69, 0xff, 0xff, 0x0a])));
    expect(String(neither.error)).toContain('Is it the right file, delimiter and encoding?');
  });

  it.each([
    [
      'list.ndjson',
      '[{"id":"o1"},{"id":"o2"}]',
      "is one JSON list, not a record a line. Write each on a line of its own: jq -c '.[]'",
    ],
    ['pretty.ndjson', '\ufeff[\n  {\n    "id": "o1"\n  }\n]\n', 'is one JSON list'],
    [
      'spread.ndjson',
      '{\n  "id": "o1"\n}\n',
      "has records of several lines. Write each on a line of its own: jq -c '.'",
    ],
  ])('says of %s how it is made a record a line', async (name, text, what) => {
    const { error, rows } = await read(put(name, text), {}, jsonLines);
    expect(error).toBeInstanceOf(SourceMismatch);
    expect(String(error)).toContain(what);
    expect(rows).toBe(0);
    expect((await read(put(`begun-${name}`, `[1]\n{"id":"o1"}\n`), {}, jsonLines)).ids).toEqual(['o1']);
  });

  it('keeps what stands beside invalid UTF-8, and hands over its bytes', async () => {
    const bad = Buffer.concat([Buffer.from('o2,'), Buffer.from([0xff, 0xfe]), Buffer.from(',2')]);
    const { ids, rejects } = await read(
      put('h.csv', Buffer.concat([Buffer.from('id,who,amount\no1,c,1\n'), bad, Buffer.from('\no3,茶,3\n')])),
    );
    expect(ids).toEqual(['o1', 'o3']);
    expect(rejects).toEqual([
      { row: 2, line: 3, rows: 1, bytes: Uint8Array.from(bad), reason: 'the line is not valid utf-8' },
    ]);
  });

  it('decodes the encoding that the channel file states', async () => {
    const bytes = Buffer.concat([Buffer.from('id,who,amount\no1,'), Buffer.from([0xb2, 0xe8]), Buffer.from(',1\n')]);
    const { batches } = await read(put('i.csv', bytes), {}, channel('encoding: gb18030'));
    expect(batches[0]?.items[0]?.envelope.identifiers).toEqual([{ type: 'customer_no', value: '茶' }]);
  });

  it('skips a line longer than memory should hold', async () => {
    const { ids, rejects } = await read(
      put('j.csv', `id,who,amount\no1,c,1\no2,${'x'.repeat(3 * longestLine_bytes)},2\no3,c,3\n`),
    );
    expect(ids).toEqual(['o1', 'o3']);
    expect(rejects).toHaveLength(1);
    expect(rejects[0]?.reason).toContain('longer than');
    expect(rejects[0]?.bytes.length).toBeLessThanOrEqual(1 << 16);
  });

  it('refuses a record whole of which a line is not in the encoding, or too long', async () => {
    const long = 'x'.repeat(3 * longestLine_bytes);
    const parts = ['id,who,amount\no1,"first\n', 'bad ', Buffer.from([0xff, 0xfe]), ' bytes\nlast",1\no2,c,2\n'];
    const bytes = Buffer.concat(parts.map((part) => Buffer.from(part as string)));
    const whole = bytes.subarray(bytes.indexOf('o1,'), bytes.indexOf('\no2,'));
    const encoding = await read(put('q1.csv', bytes));
    expect(encoding.ids).toEqual(['o2']);
    expect(encoding.rejects).toEqual([
      { row: 1, line: 2, rows: 1, bytes: whole, reason: 'a line of the record is not valid utf-8' },
    ]);
    expect(encoding.rows).toBe(2);
    for (const [name, text] of Object.entries({
      'begins.csv': `o1,"${long}\nx,c,1\nlast",1`,
      'inside.csv': `o1,"first\n${long}\nx,c,1\nlast",1`,
      'ends.csv': `o1,"first\nx,c,1\n${long}",1`,
      'alone.csv': `o1,"${long}",1`,
    })) {
      const { ids, rejects, rows } = await read(put(name, `id,who,amount\n${text}\no2,c,2`));
      expect([name, ids, rejects.length, rows]).toEqual([name, ['o2'], 1, 2]);
      expect(rejects[0]?.reason).toContain('is longer than');
    }
    // The last line of all, too.
    expect((await read(put('end.csv', `id,who,amount\no1,c,1\no2,${long}`))).rejects).toHaveLength(1);
  });

  it('names the column, not the value, where a cell makes no sense', async () => {
    const { rejects } = await read(put('k.csv', 'id,who,amount\no1,c,secret\n'));
    expect(rejects[0]?.reason).toBe('emit[0].payload.amount.$total (<amount>) is not a plain decimal number');
  });

  it('lists the formats that a date is none of', async () => {
    const by = parseChannel(
      `
name: days
title: { en: Days, zh: 日 }
sources:
  - columns: [id, day]
    dates: [d/M/yyyy, iso]
    emit: [{ type: searched, messageId: <id>, occurredAt: <day>, payload: { query: <id> } }]
`,
      'days.yaml',
    );
    const { rejects } = await read(put('days.csv', 'id,day\n1,5.3.2024\n'), {}, by);
    expect(rejects[0]?.reason).toBe("occurredAt (<day>) is not a date of the source's formats (d/M/yyyy, iso)");
  });

  it('hands out bounded batches that account for each row once, with progress', async () => {
    const { batches, rows } = await read(put('p.csv', csv(5_000)), { batchRows: 700 });
    expect(rows).toBe(5_000);
    for (const b of batches) {
      expect(b.rows).toBeLessThanOrEqual(700);
      expect(b.rows).toBe(b.items.reduce((n, i) => n + i.rows, 0) + b.rejects.reduce((n, r) => n + r.rows, 0));
    }
    expect(batches.at(-1)?.bytesRead).toBe(batches.at(-1)?.bytesTotal);
    expect(batches.at(-1)?.resumeAt).toBe(5_000);
  });

  it('goes on where an import stopped, at any batch: together the same touchpoints, each row once', async () => {
    const text = `id,who,amount\n${Array.from({ length: 300 }, (_, i) => `o${Math.floor(i / 3)},c,${i}\n${i % 50 === 0 ? 'broken\n' : ''}`).join('')}`;
    const path = put('q.csv', text);
    const whole = await read(path, { batchRows: 20 }, grouped);
    expect(whole.rows).toBe(306);
    for (let stop = 0; stop < whole.batches.length; stop++) {
      const before = whole.batches.slice(0, stop + 1);
      const after = await read(path, { batchRows: 20, from: before.at(-1)?.resumeAt ?? 0 }, grouped);
      expect([...before.flatMap((b) => b.items.map((i) => i.envelope.messageId)), ...after.ids]).toEqual(whole.ids);
    }
  });

  it('names by an identifier only where its condition holds', async () => {
    const by = parseChannel(
      `
name: desk
title: { en: Desk, zh: 台 }
sources:
  - columns: [id, phone, whose]
    emit:
      - type: traits_stated
        messageId: <id>
        occurredAt: 2025-01-01T00:00:00Z
        identifiers: [{ customer_no: <id> }, { phone: <phone>, when: { whose: own } }]
        payload: { traits: {} }
`,
      'desk.yaml',
    );
    const { batches } = await read(put('wh.csv', 'id,phone,whose\nc1,17400123456,own\nc2,17400123456,shop\n'), {}, by);
    expect(batches.flatMap((b) => b.items).map(({ envelope }) => envelope.identifiers)).toEqual([
      [
        { type: 'customer_no', value: 'c1' },
        { type: 'phone', value: '17400123456' },
      ],
      [{ type: 'customer_no', value: 'c2' }],
    ]);
  });

  it('says that there is no such file', async () => {
    expect(String((await read(join(dir, 'none.csv'))).error)).toContain('ENOENT');
  });
});
