import { DAY_MS, type Instant } from '@tributary/kernel';

/** Zones' offsets change on quarters of an hour, but for some that did so a minute past midnight, or were of odd seconds. */
const quarter_ms = 15 * 60_000;
/** Quarters remembered per zone: some 20 years of distinct quarters never come together; a bound nevertheless. */
const maxRemembered = 200_000;

interface Zone {
  readonly format: Intl.DateTimeFormat;
  readonly offsets: Map<number, number>;
}
const zones = new Map<string, Zone>();
/** Zones remembered: senders name theirs, and one may be written in many ways (letters of either case). */
const maxZones = 200;

const zoneOf = (timeZone: string): Zone => {
  let zone = zones.get(timeZone);
  if (zone === undefined) {
    const format = new Intl.DateTimeFormat('en-US-u-ca-iso8601-nu-latn', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    zone = { format, offsets: new Map() };
    if (zones.size >= maxZones) zones.clear();
    zones.set(timeZone, zone);
  }
  return zone;
};

const offset_ms = (zone: Zone, at: Instant): number => {
  const quarter = Math.floor(at / quarter_ms);
  const known = zone.offsets.get(quarter);
  if (known !== undefined) return Number.isNaN(known) ? offsetAt(zone, at) : known;
  const offset = offsetAt(zone, quarter * quarter_ms);
  const holds = offsetAt(zone, (quarter + 1) * quarter_ms - 1_000) === offset;
  if (zone.offsets.size >= maxRemembered) zone.offsets.clear();
  // Within some quarters it changes: there each instant is asked for.
  zone.offsets.set(quarter, holds ? offset : NaN);
  return holds ? offset : offsetAt(zone, at);
};

const offsetAt = (zone: Zone, at: Instant): number => {
  const instant = Math.floor(at / 1_000) * 1_000;
  const parts: Record<string, number> = {};
  for (const { type, value } of zone.format.formatToParts(instant)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - instant;
};

/** Whether the runtime knows an IANA zone such as `Asia/Shanghai`. */
export const isTimeZone = (timeZone: string): boolean => {
  try {
    zoneOf(timeZone);
    return true;
  } catch {
    return false;
  }
};

/**
 * The instant of a wall clock's reading, given as if it were UTC. A reading that a zone has twice (clocks go back) is
 * the earlier one; one that it skips (clocks go forward) is moved on by the gap. Throws RangeError for an unknown zone.
 */
export const fromWallClock = (asIfUtc: Instant, timeZone: string): Instant => {
  const zone = zoneOf(timeZone);
  const before = offset_ms(zone, asIfUtc - DAY_MS);
  const candidate = asIfUtc - before;
  if (offset_ms(zone, candidate) === before) return candidate;
  const after = offset_ms(zone, asIfUtc + DAY_MS);
  const later = asIfUtc - after;
  // Neither offset fits within a gap: the one from before it moves the reading on.
  return offset_ms(zone, later) === after ? later : candidate;
};

/** What a zone's wall clock reads at an instant, given as if it were UTC. Throws RangeError for an unknown zone. */
export const toWallClock = (at: Instant, timeZone: string): Instant => at + offset_ms(zoneOf(timeZone), at);
