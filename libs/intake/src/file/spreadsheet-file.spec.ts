import { afterAll, describe, expect, it } from '@jest/globals';
import { parseChannel } from '../channel/parse-channel.js';
import { channel, folder, grouped, read } from '../testing/shop-file.js';

const { put, remove } = folder();
afterAll(remove);

describe('a file that a spreadsheet wrote', () => {
  it('makes no id, and no record, of a number that a spreadsheet has shortened', async () => {
    const lines = (id: string) => put('s.csv', `id,who,amount\n${id},c1,1\n${id},c2,2\no3,yz:1,1.38E+10\no4,c4,4\n`);
    for (const by of [channel(), grouped]) {
      const { ids, rejects } = await read(lines('1.23457E+17'), {}, by);
      expect(ids).toEqual(['o4']);
      expect(rejects.map((r) => r.reason)).toEqual([
        ...Array.from({ length: 2 }, () =>
          expect.stringContaining('<id> is a number that a spreadsheet has shortened'),
        ),
        expect.stringContaining('is not a plain decimal number'),
      ]);
    }
  });

  it('refuses UTF-8 where the channel file says another encoding, in which it says something else', async () => {
    const gbk = channel('encoding: gb18030');
    const people = (name: string) =>
      `id,who,amount\n${Array.from({ length: 5 }, (_, i) => `o${i},${name},1\n`).join('')}`;
    for (const text of [people('张三'), `\ufeff${people('zhang')}`]) {
      const { error, rows } = await read(put('u.csv', text), {}, gbk);
      expect(String(error)).toContain('is text in UTF-8, and the channel file says gb18030. State `encoding: utf-8`');
      expect(rows).toBe(0);
    }
    expect((await read(put('u.csv', people('zhang')), {}, gbk)).rows).toBe(5);
    // By another of its names.
    const utf8 = channel('encoding: unicode-1-1-utf-8');
    expect((await read(put('u.csv', people('张三')), {}, utf8)).rows).toBe(5);
    // 张三 as GB18030 writes it.
    const bytes = Buffer.concat([
      Buffer.from('id,who,amount\no1,'),
      Buffer.from('d5c5c8fd', 'hex'),
      Buffer.from(',1\n'),
    ]);
    const [item] = (await read(put('g.csv', bytes), {}, gbk)).batches.flatMap((b) => b.items);
    expect(item?.envelope.identifiers).toEqual([{ type: 'customer_no', value: '张三' }]);
  });

  it('takes GB18030 whose few words happen to be valid UTF-8', async () => {
    // 元, 茅台, 女
    for (const [word, hex] of Object.entries({ 元: 'd4aa', 茅台: 'c3a9cca8', 女: 'c5ae' })) {
      const rows = Array.from({ length: 20 }, (_, i) => [
        Buffer.from(`o${i},`),
        Buffer.from(hex, 'hex'),
        Buffer.from(',1\n'),
      ]);
      const bytes = Buffer.concat([Buffer.from('id,who,amount\n'), ...rows.flat()]);
      const { batches, error } = await read(put('w.csv', bytes), {}, channel('encoding: gb18030'));
      expect(error).toBeNull();
      expect(batches.flatMap((b) => b.items)[0]?.envelope.identifiers).toEqual([{ type: 'customer_no', value: word }]);
    }
  });

  it('leaves out rows of which every cell is empty, as spreadsheets export them, and says so', async () => {
    const file = put('e.csv', 'id,who,amount\no1,c,1\n,,\n , ,\t\no2,c,2\n,c,\n');
    for (const by of [channel(), grouped]) {
      const { ids, rejects, rows, batches } = await read(file, {}, by);
      expect([ids, rows]).toEqual([['o1', 'o2'], 5]);
      expect(rejects.map((r) => r.row)).toEqual([5]);
      expect(batches.map((b) => b.ignored)).toEqual([{ 'the row is empty': 2 }]);
    }
  });

  it('names each of several that one cell holds', async () => {
    const many = parseChannel(
      `
name: shop
title: { en: Shop, zh: 商店 }
sources:
  - columns: [id, phones]
    emit:
      - type: traits_stated
        messageId: <id>
        occurredAt: 2025-01-01T00:00:00Z
        identifiers: [{ phone: { $split: <phones>, by: / } }]
        payload: { traits: { name: x } }
`,
      'shop.yaml',
    );
    const { batches } = await read(put('p.csv', 'id,phones\no1,13812345678 / 13987654321\no2,\n'), {}, many);
    expect(batches.flatMap((b) => b.items.map((i) => i.envelope.identifiers))).toEqual([
      [
        { type: 'phone', value: '13812345678' },
        { type: 'phone', value: '13987654321' },
      ],
      [],
    ]);
  });

  it.each([
    ['traits_stated', 'payload: { traits: { name: <who> } }'],
    ['custom_tracked', 'payload: { name: opened, properties: {} }'],
  ])('refuses a record whose %s would count as a repeat of what else it says', async (type, payload) => {
    const twice = parseChannel(
      `
name: shop
title: { en: Shop, zh: 商店 }
sources:
  - columns: [id, who, amount]
    emit:
      - { type: ${type}, messageId: <id>, occurredAt: 2025-01-01T00:00:00Z, ${payload} }
      - when: { amount: { above: 0 } }
        type: custom_tracked
        messageId: <id>
        occurredAt: 2025-01-01T00:00:00Z
        payload: { name: <who>, properties: {} }
`,
      'shop.yaml',
    );
    const { ids, rejects } = await read(put('tw.csv', 'id,who,amount\no1,sent,1\no2,d,0\n'), {}, twice);
    expect(ids).toEqual(['o2']);
    expect(rejects.map((r) => r.reason)).toEqual([
      expect.stringMatching(`^${type} and custom_tracked of one record have the same messageId`),
    ]);
    // One that says the same loses nothing.
    const same = await read(put('sm.csv', 'id,who,amount\no1,opened,1\n'), {}, twice);
    expect(same.ids).toEqual(type === 'custom_tracked' ? ['o1', 'o1'] : []);
  });
});
