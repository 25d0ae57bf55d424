import { type Instant } from '@tributary/kernel';

/** The first start of a calendar quarter (UTC) at or after an instant. */
export const quarterStartFrom = (at: Instant): Instant => {
  const date = new Date(at);
  const year = date.getUTCFullYear();
  const month = date.getUTCMonth() - (date.getUTCMonth() % 3);
  const start = Date.UTC(year, month);
  return start === at ? at : Date.UTC(year, month + 3);
};

/** As `quarterStartFrom`, for instants most of which lie in the quarter of the one asked before. */
export const quarterStarts = (): ((at: Instant) => Instant) => {
  let [from, start] = [Infinity, -Infinity];
  return (at) => {
    if (at < from || at > start) [from, start] = [at, quarterStartFrom(at)];
    return start;
  };
};
