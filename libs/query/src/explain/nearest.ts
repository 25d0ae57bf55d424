/** The candidates most like what was asked for, likeliest first: by edits of the whole, or of its last part alone. */
export const nearest = (asked: string, candidates: readonly string[], count: number): readonly string[] => {
  const short = asked.slice(0, 64).toLowerCase();
  const likeness = (candidate: string): number => {
    const whole = candidate.toLowerCase();
    const last = whole.slice(whole.lastIndexOf('.') + 1);
    return Math.min(
      edits(short, whole),
      edits(short, last) + 1,
      edits(short.slice(short.lastIndexOf('.') + 1), last) + 2,
    );
  };
  return candidates
    .map((candidate) => ({ candidate, distance: likeness(candidate) }))
    .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, count)
    .map(({ candidate }) => candidate);
};

/** Levenshtein distance. */
const edits = (a: string, b: string): number => {
  let above = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (above[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(swap, (above[j] as number) + 1, (row[j - 1] as number) + 1));
    }
    above = row;
  }
  return above[b.length] as number;
};
