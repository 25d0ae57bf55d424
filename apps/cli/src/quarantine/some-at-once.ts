/**
 * Does something with each, at most `most` at a time. Where one fails no more are begun, and the failure is thrown when those
 * under way have ended: whoever counts has counted them.
 */
export const someAtOnce = async <T>(
  items: AsyncIterable<T>,
  most: number,
  work: (item: T) => Promise<void>,
): Promise<void> => {
  const underWay = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  try {
    for await (const item of items) {
      const one: Promise<void> = work(item)
        .catch((error: unknown) => void (failure ??= { error }))
        .finally(() => underWay.delete(one));
      underWay.add(one);
      if (underWay.size >= most) await Promise.race(underWay);
      if (failure) break;
    }
  } finally {
    await Promise.all(underWay);
  }
  if (failure) throw failure.error;
};
