/**
 * Of these orders those that have to be taken back, where to take back all of them `suffices`: from the first on each is left out
 * as long as the rest suffices without it. How many in a row can be left out is found by doubling and halving: a hub of
 * thousands of orders of which few matter is asked about some dozens of times, and never much more often than once for each.
 */
export const ordersNeeded = (
  orders: readonly string[],
  suffices: (orders: readonly string[]) => boolean,
): readonly string[] => {
  const needed: string[] = [];
  for (let from = 0; from < orders.length;) {
    const sufficesFrom = (next: number): boolean => suffices([...needed, ...orders.slice(next)]);
    /** All before this one can be left out, … */
    let least = from;
    /** … and not all before this one. */
    let tooFar = orders.length + 1;
    for (let step = 1; least < orders.length && tooFar > orders.length; step *= 2) {
      const next = Math.min(least + step, orders.length);
      if (sufficesFrom(next)) least = next;
      else tooFar = next;
    }
    if (least === orders.length) break;
    while (tooFar - least > 1) {
      const middle = (least + tooFar) >>> 1;
      if (sufficesFrom(middle)) least = middle;
      else tooFar = middle;
    }
    needed.push(orders[least] as string);
    from = least + 1;
  }
  return needed;
};
