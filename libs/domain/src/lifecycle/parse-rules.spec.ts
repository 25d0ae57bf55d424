import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { LifecycleRulesInvalid, parseLifecycleRules } from './parse-rules.js';

const shipped = (file: string): Record<string, unknown> =>
  parse(readFileSync(new URL(`../../../../rules/${file}`, import.meta.url), 'utf8')) as Record<string, unknown>;
const lifecycle = shipped('lifecycle.yaml');
const tiers = shipped('tiers.yaml');

const problemsOf = (change: Record<string, unknown>, tierChange: Record<string, unknown> = {}): readonly string[] => {
  try {
    parseLifecycleRules({ ...lifecycle, ...change }, { ...tiers, ...tierChange });
    return [];
  } catch (error) {
    if (error instanceof LifecycleRulesInvalid) return error.problems;
    throw error;
  }
};

describe('lifecycle rules', () => {
  it('stand in the guide as they are shipped', () => {
    const guide = readFileSync(new URL('../../../../docs/guide/stages-and-tiers.md', import.meta.url), 'utf8');
    const { version, relationship, buyer, tiers: shippedTiers } = parseLifecycleRules(lifecycle, tiers);
    expect(guide).toContain(`\`${version}\``);
    for (const { name } of [...relationship, ...buyer, ...shippedTiers.ladder])
      expect(guide).toContain(`| \`${name}\` `);
  });

  it('reads the files that we ship', () => {
    const rules = parseLifecycleRules(lifecycle, tiers);
    expect(rules.version).toBe('lifecycle-1/tiers-2');
    expect(rules.relationship.map(({ name }) => name)).toEqual([
      'exit',
      'decline',
      'maturity',
      'growth',
      'acquisition',
    ]);
    expect(rules.relationship[0]?.when).toEqual([
      {
        feature: 'silence_days',
        within_days: null,
        compare: 'at_least',
        value: { rhythms: 5, floor_days: 180, cap_days: 720 },
      },
    ]);
    expect(rules.buyer.map(({ name }) => name)).toEqual(['loyal', 'repeat', 'first_time', 'prospect']);
    expect(rules.tiers.ladder[1]).toEqual({ name: 'silver', least: 2_500_000 });
    expect(rules.reporting.rates.get('GBP')).toEqual({ numerator: 127, denominator: 100 });
  });

  it('names every mistake at once, with its place', () => {
    expect(
      problemsOf(
        {
          version: 2,
          rythm: {},
          rhythm: { default_days: '36', floor_days: 9, cap_days: 8 },
          buyer: [
            { name: 'loyal' },
            { name: 'lost', when: [{ feature: 'silence', at_least: 3, below: 4 }] },
            {
              name: 'odd',
              when: [
                { feature: 'purchases', at_least: 1.5 },
                { feature: 'tenure_days', within_days: 3, at_least: { rhythms: 0 } },
                { feature: 'active_days', below: { rhythms: 1 } },
              ],
            },
          ],
        },
        {
          ladder: [
            { name: 'low', least: '1' },
            { name: 'low', least: 0.5 },
          ],
          reporting: { currency: 'USD', rates: { usd: '1', GBP: 1.27 } },
        },
      ),
    ).toEqual([
      'lifecycle.rythm is not known here',
      'lifecycle.version must be a text, in quotes if it looks like a number',
      'lifecycle.rhythm.default_days must be a number above 0, at most 1000000',
      'lifecycle.buyer[1].when[0].feature must be one of purchases, purchase_days, active_days, tenure_days, silence_days, purchase_silence_days, rhythm_days',
      'lifecycle.buyer[1].when[0] must have either at_least or below',
      'lifecycle.buyer[2].when[0].at_least must be a whole number',
      'lifecycle.buyer[2].when[1].within_days goes with purchases, purchase_days, active_days only',
      'lifecycle.buyer[2].when[1].at_least.rhythms must be a number above 0, at most 1000000',
      'lifecycle.buyer[2].when[2].below may be a multiple of the rhythm for tenure_days, silence_days, purchase_silence_days only',
      'lifecycle.buyer[0].when must have conditions, or no rung below is reached',
      'lifecycle.buyer[2].when must be absent: the last rung is for all others',
      'tiers.ladder[1].least must be a text, in quotes if it looks like a number',
      'tiers.ladder[1].least must be an amount such as "250.00", in quotes',
      'tiers.ladder[0].least must be "0": the lowest tier is for all others',
      'tiers.ladder[1].least must be above that of the tier before',
      'tiers.ladder[1].name is taken',
      'tiers.reporting.rates.usd must be under an ISO 4217 code such as GBP',
      'tiers.reporting.rates.GBP must be a decimal such as "1.27", in quotes',
      'tiers.reporting.rates.USD must be "1"',
      'lifecycle.rhythm.floor_days is above cap_days',
    ]);
  });

  it('survives what is no mapping at all', () => {
    expect(() => parseLifecycleRules(null, [])).toThrow(LifecycleRulesInvalid);
    expect(() =>
      parseLifecycleRules({ relationship: 3, buyer: [null], rhythm: [] }, { ladder: [1], reporting: 'USD' }),
    ).toThrow(LifecycleRulesInvalid);
  });
});
