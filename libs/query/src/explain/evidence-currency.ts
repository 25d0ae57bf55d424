import { type LifecycleRules } from '@tributary/domain';
import { type Step } from './steps.js';

export type AmountRules = Pick<LifecycleRules, 'version' | 'reporting'>;

/**
 * In what currency amounts in the evidence of a stage stand: the reporting currency of the rules that decided, as far as those
 * are still the rules. What is told of a past moment is decided anew, by today's.
 */
export const evidenceCurrencyOf = (
  { transition, cause }: Pick<Step, 'transition' | 'cause'>,
  decidedAnew: boolean,
  rules: AmountRules,
): string | null => {
  if (!Object.keys(transition?.evidence ?? {}).some((name) => name.endsWith('_e4'))) return null;
  if (decidedAnew) return rules.reporting.currency;
  const by = cause.kind === 'decision' && 'rules' in cause.decision ? cause.decision.rules : null;
  return by !== null && tiersIn(by) === tiersIn(rules.version) ? rules.reporting.currency : null;
};

/** Versions read `<lifecycle>/<tiers>`, and the currency stands in the second file. */
const tiersIn = (version: string): string => version.slice(version.lastIndexOf('/') + 1);
