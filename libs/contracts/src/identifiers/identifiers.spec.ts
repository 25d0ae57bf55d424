import { describe, expect, it } from '@jest/globals';
import { type Identifier } from '@tributary/domain';
import fc from 'fast-check';
import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shippedIdentityRules } from '../shipped-files.js';
import { isInvalidIdentifier, makeIdentify } from './identify.js';
import { InvalidIdentityRules, loadIdentityRules } from './identity-rules.js';
import { type IdentifierForm, identifierForms, normalise } from './normalise.js';
import { sortIdentifiers } from './sort-identifiers.js';

const lookupKey = Buffer.alloc(32, 7);
const rules = loadIdentityRules({ lookupKey });
const identify = makeIdentify({ lookupKey, rules });
const valid = (type: string, raw: string): Identifier => {
  const identified = identify(type, raw);
  if (isInvalidIdentifier(identified)) throw new Error(`${type} was refused: ${identified.expected}`);
  return identified;
};

describe('normalise', () => {
  it.each([
    ['phone', '138 0013 8001', '+8613800138001'],
    ['phone', '１３８００１３８００１', '+8613800138001'],
    ['phone', '　+86-138-0013-8001\u200b', '+8613800138001'],
    ['phone', '0086 138 0013 8001', '+8613800138001'],
    ['phone', '(010) 6552 9988', '+861065529988'],
    ['phone', '+44 20 7946 0958', '+442079460958'],
    ['phone', '010-65529988 转 123', '+861065529988;ext=123'],
    ['phone', '010-65529988转分机123', '+861065529988;ext=123'],
    ['phone', '010-65529988（分机：123）', '+861065529988;ext=123'],
    ['phone', '010-65529988-123', '+861065529988;ext=123'],
    ['phone', '+86-10-65529988-123', '+861065529988;ext=123'],
    ['phone', '17012345678转4321', '+8617012345678;ext=4321'],
    ['phone', '86-138-0013-8001', '+8613800138001'],
    ['phone', '138-0013-8001', '+8613800138001'],
    ['phone', '(+86)13800138001', '+8613800138001'],
    ['phone', '（＋８６）138-0013-8001', '+8613800138001'],
    ['phone', '（0086）138 0013 8001', '+8613800138001'],
    ['phone', '+0086 13800138001', '+8613800138001'],
    ['phone', '13800138001.0', '+8613800138001'],
    ['phone', "'13800138001", '+8613800138001'],
    ['phone', '="13800138001"', '+8613800138001'],
    ['phone', '=13800138001', '+8613800138001'],
    ['phone', 'tel:+86-138-0013-8001', '+8613800138001'],
    ['phone', '13800138001；', '+8613800138001'],
    ['phone', '13800138001, ', '+8613800138001'],
    ['phone', '13800138001 13900139001', undefined],
    ['phone', '1.3800138001E+10', undefined],
    ['phone', '2024-01-05', undefined],
    ['phone', '010-65529988 ext. 123', '+861065529988;ext=123'],
    ['phone', '12345', undefined],
    ['phone', 'anonymous', undefined],
    ['email', ' Name@Example.COM　', 'name@example.com'],
    ['email', 'ｎａｍｅ＠ｅｘａｍｐｌｅ．ｃｏｍ', 'name@example.com'],
    ['email', 'mailto:a.b+c@mail.example.co', 'a.b+c@mail.example.co'],
    ['email', '王小明@例子.公司', '王小明@例子.公司'],
    ['email', 'name@example。com', 'name@example.com'],
    ['email', 'name@example｡com', 'name@example.com'],
    ['email', 'name@example.com；', 'name@example.com'],
    ['email', 'Name@XN--fsqu00a.com', 'name@例子.com'],
    ['email', 'name@xn--55qx5d.xn--fiqs8s', 'name@公司.中国'],
    ['email', 'name@xn--0.com', 'name@xn--0.com'],
    ['email', 'xn--fsqu00a@example.com', 'xn--fsqu00a@example.com'],
    ['email', 'Name <name@example.com>', undefined],
    ['email', 'a@example.com;b@example.com', undefined],
    ['email', 'a..b@example.com', undefined],
    ['email', 'a@b', undefined],
    ['email', '@example.com', undefined],
    ['vin', 'lsv-am4187c2184841', 'LSVAM4187C2184841'],
    ['vin', 'LSVAM4187C218484O', undefined],
    ['upper', ' m１００ ', 'M100'],
    ['lower', 'AABB-01', 'aabb-01'],
    ['exact', ' erp:10042 ', 'erp:10042'],
    ['exact', '　', undefined],
    ['exact', 'x'.repeat(257), undefined],
    ['exact', '\ud800', undefined],
  ] satisfies [IdentifierForm, string, string | undefined][])('%s %p → %p', (form, raw, expected) => {
    const value = normalise(form, raw);
    expect(typeof value === 'string' ? value : undefined).toBe(expected);
  });

  it('takes numbers without a country code for those of the default region', () => {
    expect(normalise('phone', '020 7946 0958', { defaultRegion: 'GB' })).toBe('+442079460958');
  });

  it('changes nothing the second time', () => {
    const digits = fc.string({ unit: fc.constantFrom(...'0123456789０１ -()+'), minLength: 5, maxLength: 20 });
    const mobile = fc.integer({ min: 13_000_000_000, max: 19_999_999_999 }).map(String);
    const mail = fc
      .tuple(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }), fc.domain())
      .map(([name, domain]) => `${name}@${domain}`);
    const any = fc.oneof(
      digits,
      mobile,
      mail,
      fc.emailAddress(),
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...identifierForms), any, (form, raw) => {
        const once = normalise(form, raw);
        if (typeof once === 'string') expect(normalise(form, once)).toBe(once);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('identify', () => {
  it('names the subject by the keyed hash of type and normalised value', () => {
    const subject = `s_${createHmac('sha256', lookupKey).update('phone\0+8613800138001').digest('hex').slice(0, 32)}`;
    expect(valid('phone', '138 0013 8001')).toEqual({ type: 'phone', value: '+8613800138001', subject });
    expect(valid('phone', '+86 13800138001').subject).toBe(subject);
  });

  it('gives another subject under another key', () => {
    const other = makeIdentify({ lookupKey: Buffer.alloc(32, 8), rules });
    expect(other('device', 'd')).not.toEqual(identify('device', 'd'));
  });

  it('lists the types that there are', () => {
    expect(identify('fax', '1')).toMatchObject({
      code: 'unknown_identifier_type',
      expected: expect.stringContaining('phone'),
    });
    expect(identify('constructor', '1')).toMatchObject({ code: 'unknown_identifier_type' });
  });

  it('never repeats the value that it refuses', () => {
    expect(JSON.stringify(identify('phone', '555-SECRET'))).not.toMatch(/555|SECRET/);
  });

  it('answers the same with a memory of two as without', () => {
    const forgetful = makeIdentify({ lookupKey, rules, cacheSize: 2 });
    for (let round = 0; round < 3; round++)
      for (let i = 0; i < 20; i++) expect(forgetful('device', `d${i % 7}`)).toEqual(identify('device', `d${i % 7}`));
  });
});

describe('sortIdentifiers', () => {
  it('puts the strongest first and repeats none', () => {
    const given = [
      valid('device', 'b'),
      valid('phone', '13800138001'),
      valid('device', 'a'),
      valid('phone', '+8613800138001'),
      valid('member_no', 'm1'),
    ];
    const values = ['M1', '+8613800138001', 'a', 'b'];
    fc.assert(
      fc.property(fc.shuffledSubarray(given, { minLength: given.length }), (shuffled) => {
        expect(sortIdentifiers(shuffled, rules).map((identifier) => identifier.value)).toEqual(values);
      }),
    );
  });
});

describe('a blocked identifier', () => {
  const blocked = valid('phone', '13800000000');
  const email = valid('email', 'bk1@example.com');
  const device = valid('device', 'd-1');

  it('stands behind all that name somebody, however weak they are', () => {
    for (const given of [
      [blocked, email, device],
      [device, blocked, email],
    ])
      expect(sortIdentifiers(given, rules)).toEqual([email, device, blocked]);
  });

  it('alone, or among others that are blocked, names nobody', () => {
    expect(sortIdentifiers([blocked], rules)).toEqual([]);
    expect(sortIdentifiers([valid('user_id', 'null'), blocked, blocked], rules)).toEqual([]);
  });
});

describe('a placeholder', () => {
  const phone = valid('phone', '13912345678');

  it.each([
    ...[
      'NULL',
      'Null',
      'nUlL',
      ' ｎｕｌｌ ',
      '"NULL"',
      'none.',
      'None',
      'nan',
      'NaN',
      'N/A',
      '#N/A',
      '\\N',
      'Undefined',
      '[object Object]',
    ],
    ...['0', '-1', '000000', '0.0', '-', '--', '***', '？', '11111111111', '00000000-0000-0000-0000-000000000000'],
    ...['unknown', 'Anonymous', 'GUEST', '(not set)', '无', '未知', '匿名', '游客', '散客', '空', '暂无', '　散客 '],
  ])('%p names nobody, whatever its type, and counts as not stated', (raw) => {
    for (const type of Object.keys(rules.types)) {
      const given = valid(type, raw);
      expect(given).toMatchObject({ type, namesNobody: true });
      expect(sortIdentifiers([given, phone], rules)).toEqual([phone]);
      expect(sortIdentifiers([given], rules)).toEqual([]);
    }
  });

  it.each([
    ['user_id', '1'],
    ['user_id', '10'],
    ['user_id', '8888'],
    ['member_no', '88888888'],
    ['member_no', '00100'],
    ['account_id', 'nullsoft'],
    ['caller', '无忌'],
    ['wechat_openid', 'oABC-_123'],
    ['email', 'null@null.com'],
  ])('is not what somebody may be called: %s %s', (type, raw) => {
    const given = valid(type, raw);
    expect(sortIdentifiers([given], rules)).toEqual([given]);
  });

  it('ties nobody to those who came in under it before it was one', () => {
    for (const [type, value] of [
      ['wechat_unionid', 'NULL'],
      ['user_id', 'None'],
      ['member_no', '散客'],
      ['caller', '未知'],
    ] as const)
      expect(rules.blocked.has(valid(type, value).subject)).toBe(true);
  });
});

describe('a service’s number', () => {
  it.each([
    '400-820-8820',
    '+86 400 820 8820',
    '800-820-8820',
    '+44 800 123 4567',
    '+49 180 5123456',
    '+1 900 555 1234',
  ])('%s names nobody: whoever calls it, or has it as their firm’s, is not one person', (raw) => {
    const email = valid('email', 'wang@example.org');
    expect(sortIdentifiers([valid('phone', raw), email], rules)).toEqual([email]);
    expect(sortIdentifiers([valid('phone', raw)], rules)).toEqual([]);
  });

  it.each(['13912345678', '010-62345678', '+1 415 555 2671', '+852 6123 4567', '+44 7911 123456'])(
    'is not what somebody has at home: %s',
    (raw) => expect(sortIdentifiers([valid('phone', raw)], rules)).toHaveLength(1),
  );
});

describe('loadIdentityRules', () => {
  const load = (text: string) => {
    const directory = mkdtempSync(join(tmpdir(), 'tributary-rules-'));
    const file = join(directory, 'identity.yaml');
    try {
      writeFileSync(file, text);
      return loadIdentityRules({ lookupKey, file });
    } finally {
      rmSync(directory, { recursive: true });
    }
  };

  it('ships rules whose blocked values are subjects', () => {
    expect(rules.version).toMatch(/./);
    for (const [type, value] of [
      ['email', 'Test@test.com'],
      ['phone', '13800138000'],
      ['device', '00000000-0000-0000-0000-000000000000'],
    ] as const)
      expect(rules.blocked.has(valid(type, value).subject)).toBe(true);
    expect(rules.blocked.has(valid('email', 'wang@example.org').subject)).toBe(false);
    // Some types are equally strong: then their names decide, whatever the order in which they were stated.
    const [caller, visitor] = [valid('caller', 'x'), valid('visitor', 'x')];
    expect(sortIdentifiers([visitor, caller], rules)).toEqual([caller, visitor]);
    expect(sortIdentifiers([caller, visitor], rules)).toEqual([caller, visitor]);
    expect(readFileSync(shippedIdentityRules, 'utf8')).toContain(rules.version);
  });

  it.each([
    ['types: {}', 'version'],
    ['version: v', 'types'],
    ['version: v\ntypes: { phone: { priority: 0, maxPerCustomer: 0, sharedAbove: 1 } }', 'types.phone.maxPerCustomer'],
    ['version: v\ntypes: { phone: { priority: 0, maxPerCustomer: 1, sharedAbove: 1, max: 2 } }', 'types.phone.max'],
    [
      'version: v\ntypes: { phone: { priority: 0, maxPerCustomer: 1, sharedAbove: 1, form: number } }',
      'types.phone.form',
    ],
    [
      'version: v\ntypes: { phone: { priority: 0, maxPerCustomer: 1, sharedAbove: 1 } }\nblocked: { phone: ["1"] }',
      'blocked.phone[0]',
    ],
    [
      'version: v\ntypes: { phone: { priority: 0, maxPerCustomer: 1, sharedAbove: 1 } }\nblocked: { fax: ["1"] }',
      'blocked.fax[0]',
    ],
    [
      'version: v\ntypes: { phone: { priority: 0, maxPerCustomer: 1, sharedAbove: 1 } }\nplaceholders: { a: b }',
      'placeholders',
    ],
    [
      'version: v\ntypes: { phone: { priority: 0, maxPerCustomer: 1, sharedAbove: 1 } }\nplaceholders: ["none", 0]',
      'placeholders[1]',
    ],
    ['version: [', 'the file'],
    ['just text', 'the file'],
  ])('says what is wrong with %p', (text, place) => {
    expect(() => load(text)).toThrow(InvalidIdentityRules);
    expect(() => load(text)).toThrow(`${place}: expected`);
  });

  it('takes types of one’s own', () => {
    const own = load(
      'version: v1\ntypes: { card_no: { priority: 3, maxPerCustomer: 2, sharedAbove: 1, form: upper } }',
    );
    expect(makeIdentify({ lookupKey, rules: own })('card_no', 'ab１')).toMatchObject({ value: 'AB1' });
  });
});
