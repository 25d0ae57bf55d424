import { type Instant } from '@tributary/kernel';

export const isTimeZone = (zone: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
};

const clocks = new Map<string, Intl.DateTimeFormat>();
const clockOf = (zone: string): Intl.DateTimeFormat => {
  let clock = clocks.get(zone);
  if (!clock) {
    clock = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    clocks.set(zone, clock);
  }
  return clock;
};

/** How far the zone's wall clock is ahead of UTC at this instant. */
const offset_ms = (zone: string, at: Instant): number => {
  const part: Record<string, number> = {};
  for (const { type, value } of clockOf(zone).formatToParts(at)) part[type] = Number(value);
  const wall = Date.UTC(
    part['year'] ?? 0,
    (part['month'] ?? 1) - 1,
    part['day'],
    part['hour'],
    part['minute'],
    part['second'],
  );
  return wall - Math.floor(at / 1000) * 1000;
};

/** Asking Intl is slow and offsets change on whole quarter hours at most: one answer serves a quarter. Bounded. */
const quarter_ms = 900_000;
const mostRemembered = 20_000;
const remembered = new Map<string, Map<number, number>>();

const wallOffset_ms = (zone: string, wall: number): number => {
  let ofZone = remembered.get(zone);
  if (!ofZone) remembered.set(zone, (ofZone = new Map()));
  const quarter = Math.floor(wall / quarter_ms);
  const known = ofZone.get(quarter);
  if (known !== undefined) return known;
  // An hour that a change of the clock repeats is taken the first time round; one that it skips, as if it had not.
  const before = offset_ms(zone, wall - 86_400_000);
  const after = offset_ms(zone, wall + 86_400_000);
  const offset = offset_ms(zone, wall - before) === before ? before : after;
  if (ofZone.size >= mostRemembered) ofZone.clear();
  ofZone.set(quarter, offset);
  return offset;
};

/** The instant of a wall-clock time; `null` where there is no such date or time of day. */
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
  return zone === 'UTC' ? wall : wall - wallOffset_ms(zone, wall);
};
