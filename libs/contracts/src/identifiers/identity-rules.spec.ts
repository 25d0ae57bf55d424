import { describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lookupKey, rules, valid } from '../controls/identity.js';
import { shippedIdentityRules } from '../shipped-files.js';
import { makeIdentify } from './identify.js';
import { InvalidIdentityRules, loadIdentityRules } from './identity-rules.js';
import { sortIdentifiers } from './sort-identifiers.js';

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
