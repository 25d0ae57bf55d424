import { describe, expect, it } from '@jest/globals';
import { checkSamples } from './check-samples.js';
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

/** One call, and a sample of it; `then` and `rejected` are what the sample expects. */
const calls = (emit: string, expected: string): string => `
name: calls
title: { en: Calls, zh: 电话 }
sources:
  - columns: [id, day, phone, way]
    emit:
      - type: call_held
        messageId: <id>
        occurredAt: <day>
        identifiers: [{ phone: <phone> }]
        payload: { direction: ${emit} }
samples:
  - title: one
    given: |
      id,day,phone,way
      1,2024-03-05,13800138001,in
    ${expected}
`;

describe('a sample', () => {
  const problems = (emit: string, expected: string) =>
    checkSamples(parseChannel(calls(emit, expected), 'calls.yaml')).flatMap((sample) => sample.problems);
  const envelope = (direction: string) =>
    `then: [{ type: call_held, messageId: '1', occurredAt: 2024-03-05T00:00:00Z, identifiers: [{ type: phone, value: '13800138001' }], payload: { direction: ${direction} } }]`;

  it('goes past the door', () => {
    expect(problems('{ $lookup: <way>, in: { in: inbound } }', envelope('inbound'))).toEqual([]);
    const [missing, refused, ...others] = problems('<way>', envelope('in'));
    expect(missing).toMatch(/^touchpoint 1: expected .*, found none$/);
    expect(refused).toContain(
      'the door refuses payload.direction: found string of 2 characters, expected one of inbound',
    );
    expect(others).toEqual([]);
  });

  it('says where a touchpoint is another than it expects', () => {
    const wrong = `then: [{ type: call_held, messageId: 1, occurredAt: 2024-03-05, identifiers: [{ type: phone, value: '+8613800138001' }, {}], payload: { topic: tea, direction: inbound } }]`;
    expect(problems('inbound', wrong)).toEqual([
      'touchpoint 1: messageId: expected 1, found "1"',
      'touchpoint 1: identifiers[0].value: expected "+8613800138001", found "13800138001"',
      'touchpoint 1: identifiers[1]: expected {}, found none',
      'touchpoint 1: payload.topic: expected "tea", found none',
    ]);
  });

  it('may expect the refusal of the door', () => {
    expect(problems('<way>', 'rejected: [the door refuses payload.direction]')).toEqual([]);
  });

  it('is not needed to hear of a word that no row can mend', () => {
    expect(() => parseChannel(calls('incoming', ''), 'calls.yaml')).toThrow(
      /payload.direction is not what the door takes: one of inbound, outbound/,
    );
  });
});

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
        columnsOf: expect.any(Function),
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
    ...['utf-16', 'UTF-16BE', 'unicode', 'csUnicode', 'unicodefeff', 'ucs-2', 'iso-10646-ucs-2'].map((label) => [
      'format: csv',
      `encoding: ${label}`,
      'which cannot be read line by line',
      'Convert the file to utf-8',
    ]),
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
    ['customer_no: <who>', 'phoen: <who>', 'identifiers[0].phoen is not an identifier type', 'Did you mean phone?'],
    ['currency: CNY', 'currency: RMB', 'payload.currency is not what the door takes', 'such as CNY (not RMB)'],
    ['currency: CNY, ', '', 'payload.currency is missing', 'Each order_placed has it'],
    ['orderId: <id>', 'orderid: <id>', 'payload.orderid is not a field of order_placed', 'Did you mean `orderId`?'],
    ['lines: []', 'lines: { $each: { productId: <id>, qty: 1 } }', 'lines.$each.qty is not a field of', 'quantity'],
    [
      'lines: []',
      'lines: { $each: { productId: <id>, quantity: <price>, unitPrice: <price> } }',
      'lines.$each.quantity makes a text, and the door takes a number here',
      '{ $number: <column> }',
    ],
    ['orderId: <id>', 'orderId: { $number: <id> }', 'payload.orderId makes a number', 'Write text'],
    ['lines: []', 'lines: [], campaign: { sorce: <id> }', 'payload.campaign.sorce is not a field', '`source`'],
    ['lines: []', 'lines: [], campaign: <id>', 'payload.campaign makes a text', 'Write a mapping of its fields'],
    [
      'lines: []',
      'lines: [], tax: { $number: <id> }, campaign: { term: { $number: <id> } }',
      'campaign.term makes',
      '',
    ],
  ])('%s → %s: the complaint names the place and the remedy', (from, to, problem, remedy) => {
    const message = complaint(from, to);
    expect(message).toContain('shop.yaml: ');
    expect(message).toContain(problem);
    expect(message).toContain(remedy);
  });
});
