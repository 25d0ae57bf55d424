const BOUND = 64;

/** Does work for each item, so many at once as an engine takes without queueing, and answers in their order. */
export const inFlight = async <T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> => {
  const results: R[] = [];
  for (let from = 0; from < items.length; from += BOUND)
    results.push(...(await Promise.all(items.slice(from, from + BOUND).map(work))));
  return results;
};
