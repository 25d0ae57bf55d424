import { parseAmount, parseRate, type Rate, type Reporting } from './reporting.js';
import {
  countFeatures,
  elapsedFeatures,
  lifecycleFeatures,
  type LifecycleCondition,
  type LifecycleFeature,
  type LifecycleRules,
  type RhythmMultiple,
  type Rung,
  type Tier,
  type TierRules,
} from './rules.js';

/** All that is wrong with the rules at once, each with its place. */
export class LifecycleRulesInvalid extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`lifecycle rules: ${problems.join('; ')}`);
    this.name = 'LifecycleRulesInvalid';
  }
}

/**
 * Typed rules from what `rules/lifecycle.yaml` and `rules/tiers.yaml` parse to. Unknown keys are refused: a misspelt
 * one would silently change everybody's stage or tier.
 * Throws `LifecycleRulesInvalid`.
 */
export const parseLifecycleRules = (lifecycle: unknown, tiers: unknown): LifecycleRules => {
  const problems: string[] = [];
  const say: Say = (path, what) => void problems.push(`${path} ${what}`);
  const stageRules = fields(lifecycle, 'lifecycle', ['version', 'rhythm', 'relationship', 'buyer'], say);
  const valueRules = fields(tiers, 'tiers', ['version', 'window_days', 'ladder', 'reporting'], say);
  const rhythm = fields(stageRules['rhythm'], 'lifecycle.rhythm', ['default_days', 'floor_days', 'cap_days'], say);
  const rules: LifecycleRules = {
    version: `${text(stageRules['version'], 'lifecycle.version', say)}/${text(valueRules['version'], 'tiers.version', say)}`,
    rhythm: {
      default_days: positive(rhythm['default_days'], 'lifecycle.rhythm.default_days', say),
      floor_days: positive(rhythm['floor_days'], 'lifecycle.rhythm.floor_days', say),
      cap_days: positive(rhythm['cap_days'], 'lifecycle.rhythm.cap_days', say),
    },
    relationship: ladder(stageRules['relationship'], 'lifecycle.relationship', say),
    buyer: ladder(stageRules['buyer'], 'lifecycle.buyer', say),
    tiers: tierRules(valueRules, say),
    reporting: reporting(valueRules['reporting'], 'tiers.reporting', say),
  };
  if (rules.rhythm.floor_days > rules.rhythm.cap_days) say('lifecycle.rhythm.floor_days', 'is above cap_days');
  if (problems.length > 0) throw new LifecycleRulesInvalid(problems);
  return rules;
};

type Say = (path: string, what: string) => void;
type Fields = Readonly<Record<string, unknown>>;

const ladder = (value: unknown, path: string, say: Say): readonly Rung[] => {
  const rungs = list(value, path, say).map((item, i): Rung => {
    const at = `${path}[${i}]`;
    const rung = fields(item, at, ['name', 'when'], say);
    const when = rung['when'] === undefined ? [] : list(rung['when'], `${at}.when`, say);
    return {
      name: text(rung['name'], `${at}.name`, say),
      when: when.map((c, j) => condition(c, `${at}.when[${j}]`, say)),
    };
  });
  if (rungs.length === 0) say(path, 'must have at least one rung');
  rungs.forEach((rung, i) => {
    const last = i === rungs.length - 1;
    if (last && rung.when.length > 0) say(`${path}[${i}].when`, 'must be absent: the last rung is for all others');
    if (!last && rung.when.length === 0) say(`${path}[${i}].when`, 'must have conditions, or no rung below is reached');
  });
  return rungs;
};

const condition = (value: unknown, path: string, say: Say): LifecycleCondition => {
  const given = fields(value, path, ['feature', 'within_days', 'at_least', 'below'], say);
  const name = text(given['feature'], `${path}.feature`, say);
  const feature = lifecycleFeatures.find((known) => known === name);
  if (feature === undefined) say(`${path}.feature`, `must be one of ${lifecycleFeatures.join(', ')}`);
  const within_days =
    given['within_days'] === undefined ? null : positive(given['within_days'], `${path}.within_days`, say);
  if (within_days !== null && feature !== undefined && !countFeatures.includes(feature)) {
    say(`${path}.within_days`, `goes with ${countFeatures.join(', ')} only`);
  }
  const compare = given['at_least'] !== undefined ? 'at_least' : 'below';
  if ((given['at_least'] === undefined) === (given['below'] === undefined)) {
    say(path, 'must have either at_least or below');
  }
  return {
    feature: feature ?? 'purchases',
    within_days,
    compare,
    value: threshold(given[compare], feature, `${path}.${compare}`, say),
  };
};

const threshold = (
  value: unknown,
  feature: LifecycleFeature | undefined,
  path: string,
  say: Say,
): number | RhythmMultiple => {
  if (typeof value !== 'object' || value === null) {
    const number = positive(value, path, say);
    if (feature !== undefined && countFeatures.includes(feature) && !Number.isInteger(number)) {
      say(path, 'must be a whole number');
    }
    return number;
  }
  if (feature !== undefined && !elapsedFeatures.includes(feature)) {
    say(path, `may be a multiple of the rhythm for ${elapsedFeatures.join(', ')} only`);
  }
  const given = fields(value, path, ['rhythms', 'floor_days', 'cap_days'], say);
  const optional = (key: string): number | null =>
    given[key] === undefined ? null : positive(given[key], `${path}.${key}`, say);
  const multiple = {
    rhythms: positive(given['rhythms'], `${path}.rhythms`, say),
    floor_days: optional('floor_days'),
    cap_days: optional('cap_days'),
  };
  if ((multiple.floor_days ?? 0) > (multiple.cap_days ?? Infinity)) say(`${path}.floor_days`, 'is above cap_days');
  return multiple;
};

const tierRules = (given: Fields, say: Say): TierRules => {
  const path = 'tiers.ladder';
  const tiers = list(given['ladder'], path, say).map((item, i): Tier => {
    const tier = fields(item, `${path}[${i}]`, ['name', 'least'], say);
    const least = parseAmount(text(tier['least'], `${path}[${i}].least`, say));
    if (least === null) say(`${path}[${i}].least`, 'must be an amount such as "250.00", in quotes');
    return { name: text(tier['name'], `${path}[${i}].name`, say), least: least ?? 0 };
  });
  if (tiers.length === 0) say(path, 'must have at least one tier');
  tiers.forEach((tier, i) => {
    const below = tiers[i - 1];
    if (below === undefined && tier.least !== 0)
      say(`${path}[0].least`, 'must be "0": the lowest tier is for all others');
    if (below !== undefined && tier.least <= below.least)
      say(`${path}[${i}].least`, 'must be above that of the tier before');
    if (tiers.some((other, j) => j < i && other.name === tier.name)) say(`${path}[${i}].name`, 'is taken');
  });
  return { window_days: positive(given['window_days'], 'tiers.window_days', say), ladder: tiers };
};

const reporting = (value: unknown, path: string, say: Say): Reporting => {
  const given = fields(value, path, ['currency', 'rates'], say);
  const currency = text(given['currency'], `${path}.currency`, say);
  const rates = new Map<string, Rate>();
  for (const [code, decimal] of Object.entries(fields(given['rates'], `${path}.rates`, null, say))) {
    const rate = typeof decimal === 'string' ? parseRate(decimal) : null;
    if (!/^[A-Z]{3}$/.test(code)) say(`${path}.rates.${code}`, 'must be under an ISO 4217 code such as GBP');
    if (rate === null) say(`${path}.rates.${code}`, 'must be a decimal such as "1.27", in quotes');
    else rates.set(code, rate);
  }
  const own = rates.get(currency);
  if (own === undefined || own.numerator !== own.denominator) say(`${path}.rates.${currency}`, 'must be "1"');
  return { currency, rates };
};

const fields = (value: unknown, path: string, known: readonly string[] | null, say: Say): Fields => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    say(path, 'must be a mapping');
    return {};
  }
  for (const key of Object.keys(value)) if (known && !known.includes(key)) say(`${path}.${key}`, 'is not known here');
  return value as Fields;
};

const list = (value: unknown, path: string, say: Say): readonly unknown[] => {
  if (Array.isArray(value)) return value;
  say(path, 'must be a list');
  return [];
};

const text = (value: unknown, path: string, say: Say): string => {
  if (typeof value === 'string' && value.trim() !== '') return value;
  say(path, 'must be a text, in quotes if it looks like a number');
  return '';
};

const positive = (value: unknown, path: string, say: Say): number => {
  if (typeof value === 'number' && value > 0 && value <= 1e6) return value;
  say(path, 'must be a number above 0, at most 1000000');
  return 1;
};
