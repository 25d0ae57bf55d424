import { type Profile } from '@tributary/domain';
import { valueAt } from './profile-path.js';

type Told = Partial<Pick<Profile, 'value' | 'orders' | 'preferences'>>;

/** In what currency the amount at a path is told; `null`: no amount stands there, or none of any currency. */
export const currencyAt = (profile: Told, path: string): string | null => {
  const names = path.replace(/\[(\d+)\]/g, '.$1');
  if (!valueAt(profile, names)) return null;
  const other = /^value\.others\.([^.]+)\.(?:gross|net)$/.exec(names)?.[1];
  if (other !== undefined) return other;
  const beside = /^(value|orders\.recent\.\d+)\.(?:gross|net|averageOrder)$/.exec(names)?.[1];
  if (beside !== undefined) return textAt(profile, `${beside}.currency`);
  // What was bought counts in the customer's main currency.
  return /^preferences\.categories\.\d+\.bought$/.test(names) ? textAt(profile, 'value.currency') : null;
};

const textAt = (profile: Told, path: string): string | null => {
  const value = valueAt(profile, path)?.value;
  return typeof value === 'string' ? value : null;
};
