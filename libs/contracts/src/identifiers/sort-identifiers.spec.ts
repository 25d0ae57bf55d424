import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { rules, valid } from '../controls/identity.js';
import { sortIdentifiers } from './sort-identifiers.js';

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
    ...['138****1234', '138XXXX1234', '张**', '张*', '李＊明', 't**1', 'z***@163.com', '138****1234@163.com', '张××'],
    ...[
      '110101********1234',
      'XXXXXXXXXXXX1234',
      'XXXX XXXX XXXX 1234',
      '6222-xxxx-xxxx-1234',
      '+86 138XXXX1234',
      '1101011990XXXX123X',
      'oABC●●●●xyz',
      'tmall:t**1',
      'tmall:张*',
      'jd:j***n',
      'card:6222xxxxxx1234',
    ],
    ...['shop:NULL', 'erp:0', 'stall:散客', 'crm-2:', 'Site.b: n/a ', '门店：无', 'erp:1111111111'],
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
    ['customer_no', 'ERP:10042'],
    ['customer_no', 'NULL:10042'],
    ['member_no', 'SHOP:8888'],
    ['device', 'a4:83:e7:00:00:00'],
    ['cookie', 'a1*b2*c3'],
    ['member_no', '南山店*0012'],
    ['site_user', '买买提•艾力'],
    ['customer_no', 'XXX001'],
    ['customer_no', 'MAXXXX1'],
    ['user_id', 'urn:shop:0'],
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
