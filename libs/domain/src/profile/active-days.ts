import { DAY_MS, type Instant } from '@tributary/kernel';

/** First instant of each UTC day with any touchpoint, ascending: one entry a day. */
export type ActiveDays = Instant[];

const dayOf = (at: Instant): number => Math.floor(at / DAY_MS);

/** Notes activity at `at`, in place. Most come in order, so the search begins at the end. */
export const noteActive = (days: ActiveDays, at: Instant): void => {
  const day = dayOf(at);
  let index = days.length - 1;
  if (index >= 0 && dayOf(days[index] as Instant) > day) {
    let low = 0;
    let high = index;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (dayOf(days[middle] as Instant) <= day) low = middle;
      else high = middle - 1;
    }
    index = dayOf(days[low] as Instant) <= day ? low : -1;
  }
  const there = days[index];
  if (there !== undefined && dayOf(there) === day) {
    if (at < there) days[index] = at;
  } else if (index === days.length - 1) days.push(at);
  else days.splice(index + 1, 0, at);
};

export const mergeActiveDays = (a: ActiveDays, b: ActiveDays): ActiveDays => {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const merged: ActiveDays = [];
  for (let i = 0, j = 0; i < a.length || j < b.length;) {
    const x = a[i] ?? Infinity;
    const y = b[j] ?? Infinity;
    const next = Math.min(x, y);
    if (x <= y) i += 1;
    else j += 1;
    const last = merged[merged.length - 1];
    if (last === undefined || dayOf(last) !== dayOf(next)) merged.push(next);
  }
  return merged;
};
