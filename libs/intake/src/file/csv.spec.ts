import { describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { CsvReader } from './csv.js';

const noText = (line: string) => ({ bytes: Buffer.from(line), fault: 'is not valid utf-8', quotesLost: 0 });
const read = (text: string, columns: number | null = null) => {
  const rows: { values: readonly string[]; line: number; raw: string }[] = [];
  const broken: { text: string; line: number; reason: string }[] = [];
  const reader = new CsvReader(',', '"', columns, {
    record: (values, line, raw) => void rows.push({ values: values as readonly string[], line, raw }),
    broken: (bytes, line, reason) => void broken.push({ text: Buffer.from(bytes).toString(), line, reason }),
  });
  // A line with this mark stands for one that is no text.
  text.split('\n').forEach((line, i) => {
    if (line.includes('\ufffd')) reader.unreadable(noText(line), i + 1);
    else reader.line(line, i + 1);
  });
  reader.end();
  return { rows, broken };
};
const values = (text: string, columns: number | null = null) => read(text, columns).rows.map((r) => r.values);

describe('CSV', () => {
  it('reads quoted fields with delimiters, doubled quotes and line breaks, and knows where a record began', () => {
    const { rows, broken } = read('a,"b, ""c""","d\r\ne"\r\nf,,"g"', 3);
    expect(rows).toEqual([
      { values: ['a', 'b, "c"', 'd\r\ne'], line: 1, raw: 'a,"b, ""c""","d\r\ne"\r' },
      { values: ['f', '', 'g'], line: 3, raw: 'f,,"g"' },
    ]);
    expect(broken).toEqual([]);
  });

  it('reads no more of a line that ends as on Windows than of any other', () => {
    expect(read('a,b\r\nc,\r\n\r\n', 2)).toEqual({
      rows: [
        { values: ['a', 'b'], line: 1, raw: 'a,b\r' },
        { values: ['c', ''], line: 2, raw: 'c,\r' },
      ],
      broken: [],
    });
  });

  it('takes a quote within an unquoted field as it stands', () => {
    expect(values('5" disk,x', 2)).toEqual([['5" disk', 'x']]);
  });

  it('refuses a row with too few or too many fields, alone', () => {
    const { rows, broken } = read('a,b\nc\nd,e,f\ng,h', 2);
    expect(rows.map((r) => r.values)).toEqual([
      ['a', 'b'],
      ['g', 'h'],
    ]);
    expect(broken.map((b) => [b.line, b.reason])).toEqual([
      [2, 'the row has 1 fields, 2 are expected'],
      [3, 'the row has 3 fields, 2 are expected'],
    ]);
  });

  it('gives up only the line of a quote that is never closed', () => {
    const { rows, broken } = read('a,b\nc,"d\ne,f\ng,h', 2);
    expect(rows.map((r) => [r.line, r.values])).toEqual([
      [1, ['a', 'b']],
      [3, ['e', 'f']],
      [4, ['g', 'h']],
    ]);
    expect(broken).toEqual([{ text: 'c,"d', line: 2, reason: 'a quote opened on this line is not closed' }]);
  });

  it('gives up only the line of a stray quote that a later, good quote seems to close', () => {
    const { rows, broken } = read('a,"b\nc,d\ne,"f"\ng,h', 2);
    expect(rows.map((r) => r.values)).toEqual([
      ['c', 'd'],
      ['e', 'f'],
      ['g', 'h'],
    ]);
    expect(broken.map((b) => b.line)).toEqual([1]);
  });

  it('looks for a closing quote in a bounded number of lines', () => {
    const { rows, broken } = read(`"open,x\n${'a,b\n'.repeat(3000)}c,d`, 2);
    expect(broken.map((b) => b.line)).toEqual([1]);
    expect(rows).toHaveLength(3001);
  });

  it('refuses a record of which a line is no text, whole: within its quotes, at their beginning and at their end', () => {
    for (const spoilt of ['c,"1\n\ufffd\n3"', 'c,"\ufffd1\n2,x\n3"', 'c,"1\n2\n\ufffd3"', 'c,"1\n\ufffd""\n3"']) {
      const { rows, broken } = read(`a,b\n${spoilt}\ng,h`, 2);
      expect(rows.map((r) => [r.line, r.values])).toEqual([
        [1, ['a', 'b']],
        [5, ['g', 'h']],
      ]);
      expect(broken).toEqual([{ text: spoilt, line: 2, reason: 'a line of the record is not valid utf-8' }]);
    }
  });

  it('gives up only the line of a quote that is never closed, with lines behind it that are no text', () => {
    const { rows, broken } = read('a,"b\n\ufffd,d\ne,f', 2);
    expect(rows.map((r) => [r.line, r.values])).toEqual([[3, ['e', 'f']]]);
    expect(broken.map((b) => [b.line, b.reason])).toEqual([
      [1, 'a quote opened on this line is not closed'],
      [2, 'the line is not valid utf-8'],
    ]);
  });

  it('agrees with csv-parse on whatever can be written as CSV', () => {
    const field = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r\n', ' ', '茶'), maxLength: 6 });
    const quoted = (f: string) => (/[",\n\r]/.test(f) ? `"${f.replaceAll('"', '""')}"` : f);
    fc.assert(
      fc.property(fc.array(fc.tuple(field, field, field), { minLength: 1, maxLength: 6 }), (rows) => {
        const text = rows.map((row) => row.map(quoted).join(',')).join('\n');
        expect(values(text, 3)).toEqual(parse(text, { record_delimiter: ['\n'] }));
      }),
    );
  });

  it('never throws, and loses no line, whatever comes', () => {
    const noise = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', '\ufffd'), maxLength: 60 });
    fc.assert(
      fc.property(noise, (text) => {
        const { rows, broken } = read(text, 2);
        const kept = [...rows.map((r) => ({ line: r.line, text: r.raw })), ...broken].sort((a, b) => a.line - b.line);
        const inFile = text.split('\n').filter((line) => line.trim() !== '' || line.includes('"'));
        const out = kept.flatMap((k) => k.text.split('\n'));
        expect(out.filter((line) => line.trim() !== '')).toEqual(inFile);
        expect(rows.filter(({ raw }) => raw.includes('\ufffd'))).toEqual([]);
      }),
    );
  });
});
