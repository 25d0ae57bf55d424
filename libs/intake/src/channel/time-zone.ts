import { fromWallClock } from '@tributary/contracts';
import { type Instant } from '@tributary/kernel';

/** The instant of a wall-clock time, read as the doors read it; `null` where there is no such date or time of day. */
export const civilToInstant = (
  zone: string,
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
  ms: number,
): Instant | null => {
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 59 || year < 100)
    return null;
  const wall = Date.UTC(year, month - 1, day, hour, minute, second, ms);
  if (day > 28 && new Date(wall).getUTCDate() !== day) return null;
  return zone === 'UTC' ? wall : fromWallClock(wall, zone);
};
