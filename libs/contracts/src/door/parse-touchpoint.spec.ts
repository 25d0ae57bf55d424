import { describe, expect, it } from '@jest/globals';
import { type AnyTouchpoint, plainLine, plainOrder, touchpointTypes, type TouchpointType } from '@tributary/domain';
import { DAY_MS } from '@tributary/kernel';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openCatalogue } from '../catalogue/catalogue.js';
import { recordNameOf, subjectOfType } from '../catalogue/touchpoint-subject.js';
import { makeIdentify } from '../identifiers/identify.js';
import { loadIdentityRules } from '../identifiers/identity-rules.js';
import { shippedSchemas } from '../shipped-files.js';
import { type DoorContext, parseTouchpoint } from './parse-touchpoint.js';
import { maxLines } from './payload-fields.js';
import { envelopeJsonSchema, payloadJsonSchemas } from './payload-schemas.js';
import { type Problem } from './problem.js';

const lookupKey = Buffer.alloc(32, 7);
const identify = makeIdentify({ lookupKey, rules: loadIdentityRules({ lookupKey }) });
const receivedAt = Date.UTC(2024, 4, 31, 12);
const context: DoorContext = { channel: 'shop', receivedAt, identify };

const line = { productId: 'p1', name: 'Lamp', quantity: 6, unitPrice: 2.55 };
const order = {
  type: 'order_placed',
  messageId: 'm-1',
  occurredAt: '2024-05-31T18:30:00+08:00',
  identifiers: [
    { type: 'phone', value: '138 0013 8001' },
    { type: 'member_no', value: 'm1' },
  ],
  payload: { orderId: 'o1', amount: '15.30', currency: 'cny', lines: [line], method: '' },
};

const accepted = (input: unknown, given: Partial<DoorContext> = {}): AnyTouchpoint => {
  const parsed = parseTouchpoint(input, { ...context, ...given });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problem));
  return parsed.touchpoint;
};
const refused = (input: unknown, given: Partial<DoorContext> = {}): Problem => {
  const parsed = parseTouchpoint(input, { ...context, ...given });
  if (parsed.ok) throw new Error('was accepted');
  return parsed.problem;
};
/** The order with one place changed. */
const orderWith = (path: string, value: unknown): unknown => {
  const changed = structuredClone(order) as unknown;
  const names = path.split('.');
  let at = changed as Record<string, unknown>;
  for (const name of names.slice(0, -1)) at = at[name] as Record<string, unknown>;
  at[names.at(-1) as string] = value;
  return changed;
};

describe('parseTouchpoint', () => {
  it('normalises what it accepts', () => {
    expect(accepted(order)).toStrictEqual({
      channel: 'shop',
      type: 'order_placed',
      messageId: 'm-1',
      occurredAt: Date.UTC(2024, 4, 31, 10, 30),
      receivedAt,
      identifiers: [identify('member_no', 'M1'), identify('phone', '+8613800138001')],
      payload: {
        orderId: 'o1',
        amount: 153_000,
        currency: 'CNY',
        lines: [
          {
            ...{ productId: 'p1', name: 'Lamp', category: null, quantity: 6, unitPrice: 25_500, amount: 153_000 },
            ...plainLine,
          },
        ],
        method: null,
        store: null,
        country: null,
        city: null,
        ...plainOrder,
      },
    });
  });

  it('takes what an order says beside its amount, which that does not change', () => {
    const said = { tax: '2.9', shipping: 8, discount: '0.0001', coupon: 'MAY', campaign: { source: 'wechat' } };
    const besides = { brand: 'Lumen', variant: 'red', coupon: 'LAMP', discount: '1.70' };
    const told = accepted({ ...order, payload: { ...order.payload, ...said, lines: [{ ...line, ...besides }] } });
    expect(told.payload).toMatchObject({
      amount: 153_000,
      tax: 29_000,
      shipping: 80_000,
      discount: 1,
      coupon: 'MAY',
      campaign: { name: null, source: 'wechat', medium: null, term: null, content: null },
      lines: [{ amount: 153_000, brand: 'Lumen', variant: 'red', coupon: 'LAMP', discount: 17_000 }],
    });
  });

  it.each([[{}], [{ name: '', source: null }], [null], ['']])('takes the campaign %j for none', (campaign) => {
    expect(accepted(orderWith('payload.campaign', campaign)).payload).toMatchObject({ campaign: null });
  });

  it.each([
    ['payload.tax', -1, 'out_of_range'],
    ['payload.tax', '19%', 'invalid_amount'],
    ['payload.shipping', '1.23456', 'amount_too_precise'],
    ['payload.discount', 1e12, 'amount_too_large'],
    ['payload.coupon', 5, 'wrong_type'],
    ['payload.campaign', 'summer', 'wrong_type'],
    ['payload.campaign', { utm_source: 'x' }, 'unknown_field', 'payload.campaign.utm_source'],
    ['payload.campaign', { term: 7 }, 'wrong_type', 'payload.campaign.term'],
    ['payload.lines.0.discount', '-1', 'out_of_range', 'payload.lines[0].discount'],
    ['payload.lines.0.variant', {}, 'wrong_type', 'payload.lines[0].variant'],
  ])('refuses %s that says %j as %s, by its name', (path, value, code, field = path) => {
    expect(refused(orderWith(path, value))).toMatchObject({ field, code });
    if (code === 'out_of_range') expect(refused(orderWith(path, value)).remedy).toBe('State it without its sign.');
  });

  it('takes a touchpoint that names nobody', () => {
    expect(accepted({ ...order, identifiers: undefined }).identifiers).toEqual([]);
  });

  it('takes milliseconds, and dates of the channel’s zone', () => {
    expect(accepted(orderWith('occurredAt', receivedAt)).occurredAt).toBe(receivedAt);
    expect(accepted(orderWith('occurredAt', '2024-05-31 18:30:00'), { timeZone: 'Asia/Shanghai' }).occurredAt).toBe(
      Date.UTC(2024, 4, 31, 10, 30),
    );
  });

  it.each([
    ['', undefined, 'wrong_type'],
    ['type', undefined, 'missing'],
    ['type', 'order_palced', 'unknown_type'],
    ['type', 'constructor', 'unknown_type'],
    ['messageId', undefined, 'missing'],
    ['messageId', '', 'missing'],
    ['messageId', 17, 'wrong_type'],
    ['messageId', 'x'.repeat(257), 'too_long'],
    ['messageId', '\ud83d', 'ill_formed_text'],
    ['messageId', '1.23457E+17', 'shortened_number'],
    ['occurredAt', undefined, 'missing'],
    ['occurredAt', 'yesterday', 'invalid_date'],
    ['occurredAt', '2024-05-31T18:30:00', 'date_without_offset'],
    ['occurredAt', '1899-12-31T23:59:59Z', 'date_too_early'],
    ['occurredAt', receivedAt + DAY_MS + 1, 'date_in_future'],
    ['occurredAt', 1_717_151_400, 'invalid_date'],
    ['occurredAt', 1.5, 'wrong_type'],
    ['ocurredAt', 'x', 'unknown_field'],
    ['identifiers', 'phone', 'wrong_type'],
    ['identifiers', Array(21).fill({ type: 'device', value: 'd' }), 'too_many'],
    ['identifiers.0', 'x', 'wrong_type', 'identifiers[0]'],
    ['identifiers.0.type', 'fax', 'unknown_identifier_type', 'identifiers[0].type'],
    ['identifiers.0.value', '12', 'invalid_identifier', 'identifiers[0].value'],
    ['identifiers.1.value', 12, 'wrong_type', 'identifiers[1].value'],
    ['identifiers.1.value', '1.38E+10', 'shortened_number', 'identifiers[1].value'],
    ['identifiers.1.value', '1,38E+10', 'shortened_number', 'identifiers[1].value'],
    ['identifiers.1.value', 'yz:6.22202e+18', 'shortened_number', 'identifiers[1].value'],
    ['identifiers.1.value', 'JD-1.38E+10', 'shortened_number', 'identifiers[1].value'],
    ['identifiers.1.verified', true, 'unknown_field', 'identifiers[1].verified'],
    ['payload', undefined, 'missing'],
    ['payload', [], 'wrong_type'],
    ['payload.orderId', undefined, 'missing'],
    ['payload.orderId', 536_365, 'wrong_type'],
    ['payload.amount', undefined, 'missing'],
    ['payload.amount', '12.34567', 'amount_too_precise'],
    ['payload.amount', 0.1 + 0.2, 'amount_too_precise'],
    ['payload.amount', '1,234', 'invalid_amount'],
    ['payload.amount', 1e12, 'amount_too_large'],
    ['payload.amount', '-1', 'out_of_range'],
    ['payload.currency', 'RMB', 'unknown_currency'],
    ['payload.currency', undefined, 'missing'],
    ['payload.curency', 'CNY', 'unknown_field'],
    ['payload.__proto__x', 1, 'unknown_field'],
    ['payload.lines', {}, 'wrong_type'],
    ['payload.lines', Array(maxLines + 1).fill(line), 'too_many'],
    ['payload.lines.0.quantity', '6.00x', 'wrong_type', 'payload.lines[0].quantity'],
    ['payload.lines.0.quantity', -1, 'out_of_range', 'payload.lines[0].quantity'],
    ['payload.lines.0.quantity', Number.NaN, 'out_of_range', 'payload.lines[0].quantity'],
    ['payload.lines.0.colour', 'red', 'unknown_field', 'payload.lines[0].colour'],
    ['payload.lines.0.name', 'x'.repeat(8_193), 'too_long', 'payload.lines[0].name'],
    ['payload.lines.1', { ...line, quantity: 1e9, unitPrice: 1e6 }, 'amount_too_large', 'payload.lines[1]'],
    ['payload.lines.1', null, 'missing', 'payload.lines[1]'],
  ])('names %s', (path, value, code, field = path) => {
    const problem = refused(path === '' ? value : orderWith(path, value));
    expect([problem.field, problem.code]).toEqual([field, code]);
    expect(problem.remedy).not.toBe('');
    expect(problem.expected).not.toBe('');
  });

  it('advises what can be done', () => {
    expect(refused({ ...order, type: 'order_palced' }).remedy).toBe(
      'Did you mean order_placed? custom_tracked takes any other event by name.',
    );
    expect(refused({ ...order, type: 'x'.repeat(100_000) }).remedy).toMatch(/^Use a type of the catalogue/);
    expect(refused(orderWith('occurredAt', '2024-05-31T18:30:00')).remedy).toBe(
      'Add the offset of the clock that was read, such as +08:00, or Z for UTC.',
    );
    const traits = JSON.parse('{"__proto__": "x"}') as object;
    expect(refused({ ...order, type: 'traits_stated', payload: { traits } })).toMatchObject({
      expected: 'any other name',
      remedy: 'Give it another name: this one is reserved.',
    });
  });

  it('shows the shape of what it refuses, never the value', () => {
    expect(refused(orderWith('payload.lines.0.quantity', '6,000'))).toMatchObject({
      field: 'payload.lines[0].quantity',
      found: 'string of 5 characters',
    });
    expect(refused(orderWith('payload.orderId', 536_365)).found).toBe('number');
    expect(JSON.stringify(refused(orderWith('identifiers.0.value', '555-SECRET')))).not.toMatch(/SECRET/);
  });

  it.each<[TouchpointType, object, string, string]>([
    ['order_cancelled', { orderId: 'o', amount: 1 }, 'payload.currency', 'missing'],
    ['review_given', { about: 'p', rating: 6, maxRating: 5 }, 'payload.rating', 'out_of_range'],
    ['survey_answered', { survey: 'nps', score: 11 }, 'payload.score', 'out_of_range'],
    ['survey_answered', { survey: 'NPS', score: 1 }, 'payload.survey', 'not_one_of'],
    ['call_held', { direction: 'in' }, 'payload.direction', 'not_one_of'],
    ['ticket_updated', { ticketId: 't', status: 'open', reopened: 'yes' }, 'payload.reopened', 'wrong_type'],
    ['voted', { postId: 'p', value: 0.5 }, 'payload.value', 'wrong_type'],
    ['traits_stated', { traits: { birthday: '28.2.1990' } }, 'payload.traits.birthday', 'invalid_date'],
    ['traits_stated', { traits: { age: 34 } }, 'payload.traits.age', 'wrong_type'],
    [
      'traits_stated',
      { traits: Object.fromEntries(Array.from({ length: 41 }, (_, i) => [`t${i}`, 'x'])) },
      'payload.traits',
      'too_many',
    ],
    [
      'traits_stated',
      { traits: JSON.parse('{"__proto__": "x"}') as object },
      'payload.traits.__proto__',
      'unknown_field',
    ],
    ['traits_stated', { traits: { 'half \ud83d': 'x' } }, 'payload.traits', 'ill_formed_text'],
    ['custom_tracked', { name: 'x', properties: { '\ude00': 'x' } }, 'payload.properties', 'ill_formed_text'],
    ['custom_tracked', { name: 'x', properties: { '': 'x' } }, 'payload.properties', 'missing'],
    ['custom_tracked', { name: 'x', properties: { ['x'.repeat(129)]: 'x' } }, 'payload.properties', 'too_long'],
    ['traits_stated', { interests: ['a', ''] }, 'payload.interests[1]', 'missing'],
    ['custom_tracked', { name: 'x', properties: { a: { b: 1 } } }, 'payload.properties.a', 'wrong_type'],
  ])('%s %j is refused at %s', (type, payload, field, code) => {
    expect(refused({ ...order, type, payload })).toMatchObject({ field, code });
  });

  it('never throws, whatever comes in', () => {
    fc.assert(
      fc.property(fc.anything(), (input) => void parseTouchpoint(input, context)),
      { numRuns: 500 },
    );
    const payload = fc.dictionary(
      fc.constantFrom('orderId', 'amount', 'lines', 'traits', 'properties', 'value', 'text'),
      fc.anything(),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...touchpointTypes),
        payload,
        (type, given) => void parseTouchpoint({ ...order, type, payload: given }, context),
      ),
      { numRuns: 2_000 },
    );
  });
});

describe('the native door and the catalogue', () => {
  const catalogue = openCatalogue();
  const units = (amount: unknown) => (typeof amount === 'number' ? (amount / 10_000).toFixed(4) : amount);

  it.each(touchpointTypes.map((type) => [type]))('agree on %s', (type) => {
    const newest = catalogue.schemaOf(subjectOfType(type), 'latest')?.version;
    const golden = JSON.parse(
      readFileSync(join(shippedSchemas, 'touchpoint', recordNameOf(type), `${newest}.golden.json`), 'utf8'),
    ) as AnyTouchpoint;
    // As a producer would write it: amounts in units.
    const payload = JSON.parse(JSON.stringify(golden.payload), (name, value: unknown) =>
      ['amount', 'unitPrice', 'tax', 'shipping', 'discount'].includes(name) ? units(value) : value,
    ) as object;
    const identifiers = golden.identifiers.map(({ type, value }) => ({ type, value }));
    const parsed = accepted(
      {
        type,
        messageId: golden.messageId,
        occurredAt: new Date(golden.occurredAt).toISOString(),
        identifiers,
        payload,
      },
      { channel: golden.channel, receivedAt: golden.receivedAt },
    );
    expect(catalogue.decode(catalogue.encode(parsed))).toStrictEqual(parsed);
    expect(parsed.payload).toStrictEqual(golden.payload);
  });
});

describe('JSON Schemas', () => {
  it('describe each type, with every field documented', () => {
    for (const type of touchpointTypes) {
      const { properties, required } = payloadJsonSchemas[type] as {
        properties: Record<string, { description: string }>;
        required: readonly string[];
      };
      for (const [name, property] of Object.entries(properties))
        expect([type, name, property.description]).not.toContain('');
      for (const name of required) expect(properties).toHaveProperty(name);
    }
    expect(envelopeJsonSchema('searched')).toMatchObject({
      properties: { type: { const: 'searched' }, payload: payloadJsonSchemas.searched },
    });
  });
});
