/** Keys looked up by one statement: the cost of a call is shared, and there is one plan for all. */
const KEYS = 32;

/** As many places as a group has keys, for `IN (…)`. */
export const KEY_MARKS = Array(KEYS).fill('?').join(', ');

/** Keys in groups of that size, the last one filled up by repeating a key. */
export const inGroups = <K>(keys: readonly K[]): K[][] => {
  const groups: K[][] = [];
  for (let at = 0; at < keys.length; at += KEYS) {
    const group = keys.slice(at, at + KEYS);
    while (group.length < KEYS) group.push(group[0]!);
    groups.push(group);
  }
  return groups;
};
