/** Which group each record belongs to. */
export type Grouping = ReadonlyMap<string, string>;

export interface Agreement {
  readonly records: number;
  /** Groups of the truth, and how many of them are found whole and alone. */
  readonly groups: number;
  readonly exact: number;
  /** Pairs of records in one group: found that are true, found, true. */
  readonly both: number;
  readonly found: number;
  readonly truth: number;
  /** Of the pairs found, how many are true; below 1: somebody was merged with a stranger. */
  readonly precision: number;
  /** Of the true pairs, how many were found. */
  readonly recall: number;
}

const pairsIn = (n: number): number => (n * (n - 1)) / 2;

/** Compares two groupings of the same records, pair by pair. */
export const agreementOf = (found: Grouping, truth: Grouping): Agreement => {
  const tally = (keys: Iterable<string>): ReadonlyMap<string, number> => {
    const counts = new Map<string, number>();
    for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
    return counts;
  };
  const sum = (counts: ReadonlyMap<string, number>): number => [...counts.values()].reduce((n, each) => n + pairsIn(each), 0);
  const foundSizes = tally(found.values());
  const truthSizes = tally(truth.values());
  const shared = tally([...truth].map(([record, group]) => `${group}\0${found.get(record) ?? ''}`));
  const exact = [...shared].filter(([key, n]) => {
    const [group = '', other = ''] = key.split('\0');
    return truthSizes.get(group) === n && foundSizes.get(other) === n;
  });
  const [both, foundPairs, truthPairs] = [sum(shared), sum(foundSizes), sum(truthSizes)];
  return {
    records: truth.size,
    groups: truthSizes.size,
    exact: exact.length,
    both,
    found: foundPairs,
    truth: truthPairs,
    precision: foundPairs === 0 ? 1 : both / foundPairs,
    recall: truthPairs === 0 ? 1 : both / truthPairs,
  };
};

export const agreementText = ({ precision, recall, exact, groups, truth }: Agreement): string =>
  `precision ${precision.toFixed(4)}, recall ${recall.toFixed(4)} of ${truth.toLocaleString('en')} pairs; ${exact.toLocaleString('en')} of ${groups.toLocaleString('en')} people exact`;

export const agreementDifferences = ({ both, found, truth, exact, groups }: Agreement): string[] => [
  ...(both === found ? [] : [`${found - both} pairs of strangers are one customer`]),
  ...(both === truth ? [] : [`${truth - both} pairs of one person are two customers`]),
  ...(exact === groups ? [] : [`${groups - exact} people are not exactly one customer`]),
];
