/** A list in pieces of at most `size`, in order. */
export const pagesOf = <T>(all: readonly T[], size: number): T[][] => {
  const pages: T[][] = [];
  for (let at = 0; at < all.length; at += size) pages.push(all.slice(at, at + size));
  return pages;
};
