import { describe, expect, it } from '@jest/globals';
import { columnsOf, fieldInFile } from './origin.js';

const envelope = {
  type: 'order_placed',
  messageId: 'm',
  occurredAt: 0,
  identifiers: [
    { type: 'phone', value: '1' },
    { type: 'email', value: 'a' },
    { type: 'member_no', value: '2' },
  ],
  payload: {},
};

const emission = {
  messageId: '<order>/<$row>',
  occurredAt: '<date>',
  identifiers: [
    { device: '<device>' },
    { phone: '<phone>', when: { phone: { not: null } } },
    { email: { $coalesce: ['<mail>', '<work_mail>'] } },
    { member_no: 'shop:<card>' },
    { member_no: '<old_card>' },
  ],
  payload: {
    orderId: '<order>',
    amount: { $product: ['<pieces>', '<price>'], absolute: true },
    currency: 'EUR',
    channel: { $lookup: '<src>', in: { '<a>': 'web' } },
    lines: { $each: { productId: '<item>', quantity: { $number: '<pieces>' } }, where: { pieces: { above: 0 } } },
    gifts: { $each: { productId: '<.sku>', tags: { $each: '<.>', of: '<.tags>' } }, of: '<order.gifts>' },
    many: { $hash: ['<a>', '<b>', '<c>', '<d>'] },
    delivery: { $stated: { city: '<city>' } },
    items: [{ amount: '<price>' }, { amount: '<fee>' }],
    tags: ['<tag>', '<kind>'],
    note: '\\<plain> <text>',
  },
};

describe('where a field of a touchpoint comes from', () => {
  it.each<[string, readonly string[]]>([
    ['messageId', ['order']],
    ['occurredAt', ['date']],
    // The device is not there, so the phone stands first.
    ['identifiers[0].value', ['phone']],
    ['identifiers[1].value', ['mail', 'work_mail']],
    ['payload.amount', ['pieces', 'price']],
    ['payload.channel', ['src']],
    ['payload.lines[3].quantity', ['pieces']],
    ['payload.gifts[0].productId', ['order.gifts[].sku']],
    ['payload.gifts[0].tags[1]', ['order.gifts[].tags[]']],
    ['payload.delivery.city', ['city']],
    ['payload.items[1].amount', ['fee']],
    ['payload.tags[1]', ['tag', 'kind']],
    ['payload.note', ['text']],
  ])('%s: %j', (field, columns) => {
    expect(columnsOf(emission)(field, envelope)).toEqual(columns);
  });

  it.each([
    'identifiers[2].value', // which of two rules named it is not known
    'identifiers[0].type',
    'identifiers[7].value',
    'payload.currency', // as it stands in the channel file
    'payload.missing',
    'payload.many',
    'touchpoint',
    '',
  ])('of %s nothing is said', (field) => {
    expect(columnsOf(emission)(field, envelope)).toEqual([]);
  });

  it('stands behind the field, as the door names it', () => {
    const item = { envelope, rows: 1, row: 1, columnsOf: columnsOf(emission) };
    expect(fieldInFile(item, 'identifiers[0].value')).toBe('identifiers[0].value (column "phone")');
    expect(fieldInFile(item, 'payload.amount')).toBe('payload.amount (columns "pieces" and "price")');
    expect(fieldInFile({ envelope, rows: 1, row: 1 }, 'messageId')).toBe('messageId');
  });
});
