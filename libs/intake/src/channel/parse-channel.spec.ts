import { describe, expect, it } from '@jest/globals';
import { ChannelFileError } from './errors.js';
import { parseChannel } from './parse-channel.js';

const good = `
name: shop
title: { en: Shop, zh: 商店 }
sources:
  - format: csv
    columns: [id, who, price, day]
    dates: d/M/yyyy
    emit:
      - type: order_placed
        messageId: <id>
        occurredAt: <day>
        identifiers:
          - customer_no: <who>
        payload: { orderId: <id>, amount: { $decimal: <price> }, currency: CNY, lines: [] }
`;

/** The complaint about the good file with one thing changed. */
const complaint = (from: string, to: string): string => {
  expect(good).toContain(from);
  try {
    parseChannel(good.replace(from, to), 'shop.yaml');
  } catch (error) {
    if (error instanceof ChannelFileError) return error.message;
    throw error;
  }
  return 'none';
};

describe('a channel file', () => {
  it('compiles', () => {
    const channel = parseChannel(good, 'shop.yaml');
    expect(channel.name).toBe('shop');
    expect(
      channel.sources[0]?.map([{ values: ['1', 'x', '01.50', '5/1/2025'], row: 1, line: 2, raw: '' }], 'f').items,
    ).toEqual([
      {
        envelope: {
          type: 'order_placed',
          messageId: '1',
          occurredAt: Date.UTC(2025, 0, 5),
          identifiers: [{ type: 'customer_no', value: 'x' }],
          payload: { orderId: '1', amount: '1.5', currency: 'CNY', lines: [] },
        },
        rows: 1,
        row: 1,
      },
    ]);
  });

  it.each([
    ['name: shop', 'name: Shop One', 'name is not a channel name', 'small letters'],
    ['zh: 商店', 'zw: 商店', 'title.zw is not known here', 'Did you mean `zh`?'],
    ['sources:', 'source:', 'source is not known here', 'Did you mean `sources`?'],
    ['format: csv', 'format: xls', 'sources[0].format is not one of the choices', 'csv, whitespace, ndjson'],
    ['[id, who, price, day]', '[]', 'sources[0].columns is missing', 'in their order'],
    ['<who>', '<wo>', 'sources[0].emit[0].identifiers[0].customer_no names the column <wo>', 'Did you mean <who>?'],
    ['order_placed', 'order_place', 'sources[0].emit[0].type is not a touchpoint type', 'Did you mean order_placed?'],
    [
      '$decimal',
      '$decimals',
      'sources[0].emit[0].payload.amount.$decimals is not an operator',
      'Did you mean $decimal?',
    ],
    [
      '{ $decimal: <price> }',
      '{ $decimal: <price>, absolut: true }',
      'payload.amount.absolut is not known here',
      '`absolute`',
    ],
    ['dates: d/M/yyyy', 'dates: d/M', 'sources[0].dates is not a date format', 'yyyy'],
    [
      'dates: d/M/yyyy',
      'dates: yyyy-mm-dd',
      'sources[0].dates is not a date format',
      'no month: mm is minutes. Write MM',
    ],
    [
      'occurredAt: <day>',
      'occurredAt: { $instant: <day>, formats: yyyy-MM-dd hh:mm }',
      'occurredAt.formats is not a date format',
      'Write HH for hours to 23',
    ],
    ['occurredAt: <day>', 'occurredAt: { $instant: <day>, zone: CST6 }', 'occurredAt.zone is not a time zone', 'UTC'],
    ['dates: d/M/yyyy', 'zone: Mars/Olympus', 'sources[0].zone is not a time zone', 'Asia/Shanghai'],
    ['format: csv', 'delimiter: "||"', 'sources[0].delimiter must be one character', ''],
    ['format: csv', 'encoding: klingon', 'sources[0].encoding is not a known encoding', 'gb18030'],
    ['format: csv', 'group: { by: [nobody] }', 'sources[0].group.by names the column <nobody>', ''],
    ['- type: order_placed', '- when: {}\n        type: order_placed', 'emit[0].when is empty', ''],
    [
      '- type: order_placed',
      '- when: { who: { matches: (a+)+ } }\n        type: order_placed',
      'when.who.matches repeats within a repeat',
      '',
    ],
    ['messageId: <id>', 'messageID: <id>', 'emit[0].messageID is not known here', 'Did you mean `messageId`?'],
    ['title:', 'title', 'is not YAML', ''],
  ])('%s → %s: the complaint names the place and the remedy', (from, to, problem, remedy) => {
    const message = complaint(from, to);
    expect(message).toContain('shop.yaml: ');
    expect(message).toContain(problem);
    expect(message).toContain(remedy);
  });
});
