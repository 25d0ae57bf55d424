import { type Profile } from '@tributary/domain';

/**
 * All of a profile but its version, which counts events, decisions among them, and the days since the last purchase,
 * which may change at midnight while this runs.
 */
export const profileText = ({ version: _, ...profile }: Profile): string =>
  JSON.stringify({ ...profile, value: { ...profile.value, recencyDays: null } });

/** Names the first part of two profiles that differs; none if they are the same. */
export const profileDifferences = (who: string, found: Profile | undefined, expected: Profile | undefined): string[] => {
  if (!found || !expected) return found === expected ? [] : [`${who}: ${found ? 'is there' : 'is not there'}`];
  if (profileText(found) === profileText(expected)) return [];
  const parts = Object.keys(expected) as (keyof Profile)[];
  const part = parts.find((name) => name !== 'version' && JSON.stringify(found[name]) !== JSON.stringify(expected[name]));
  return [`${who}: ${part ?? 'profile'} is another`];
};
