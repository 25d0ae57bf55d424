import { readFileSync } from 'node:fs';
import { type LifecycleRules, parseLifecycleRules } from '@tributary/domain';
import YAML from 'yaml';
import { shippedLifecycleRules, shippedTierRules } from '../shipped-files.js';

export interface LoadLifecycleRules {
  readonly lifecycle?: string;
  readonly tiers?: string;
}

/** Reads and checks both rules files. Throws `LifecycleRulesInvalid` with every problem and its path in the file. */
export const loadLifecycleRules = ({
  lifecycle = shippedLifecycleRules,
  tiers = shippedTierRules,
}: LoadLifecycleRules = {}): LifecycleRules =>
  parseLifecycleRules(YAML.parse(readFileSync(lifecycle, 'utf8')), YAML.parse(readFileSync(tiers, 'utf8')));
