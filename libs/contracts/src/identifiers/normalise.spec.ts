import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type IdentifierForm, identifierForms, normalise } from './normalise.js';

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
    ['phone', '13800138001;13900139001', undefined],
    ['phone', '13800138001,65529988', undefined],
    ['phone', '13800138001,6552998', undefined],
    ['phone', '010-65529988转1234567', '+861065529988;ext=1234567'],
    ['phone', '+861065529988;ext=1234567', '+861065529988;ext=1234567'],
    // Of two numbers in one field, before they were refused: it can still be asked for.
    ['phone', '+8613800138001;ext=13900139001', '+8613800138001;ext=13900139001'],
    ['phone', '13800138001;ext=13900139001', undefined],
    ['phone', '17012345678,4321', '+8617012345678;ext=4321'],
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
    ['exact', '1.38E+10', '1.38E+10'],
    ['upper', '1e10', '1E10'],
    ['exact', 'a1.5E+10', 'a1.5E+10'],
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
    const extended = fc
      .tuple(fc.constantFrom('转', ',', ';', ' ext. ', ';ext='), fc.stringMatching(/^\d{1,9}$/))
      .map((parts) => `010-65529988${parts.join('')}`);
    const any = fc.oneof(
      digits,
      extended,
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
