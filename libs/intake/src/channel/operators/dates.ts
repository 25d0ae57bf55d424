import { isTimeZone, toWallClock } from '@tributary/contracts';
import { type Scope } from '../columns.js';
import { secondsIn } from '../duration-text.js';
import { expressionOf } from '../expression.js';
import { instantParser } from '../instants.js';
import { type Source } from '../source.js';
import { type Spec } from '../spec.js';
import { formatsOf, zoneRemedy } from '../stated-formats.js';
import { failure, type Operators, pairOf } from './operator.js';

/** Reads a date as `formats` and `zone` say, or as the source does where neither is given. */
const datesOf = (argument: Spec, whole: Spec, source: Source) => {
  const value = expressionOf(argument, source);
  const formats = whole.at('formats');
  const zone = whole.at('zone').textOr(source.zone);
  if (!isTimeZone(zone)) whole.at('zone').fail('is not a time zone', zoneRemedy);
  const isOwn = !formats.isAbsent || !whole.at('zone').isAbsent;
  const stated = !isOwn ? source.formats : formats.isAbsent ? ['iso'] : formatsOf(formats);
  const parse = isOwn ? instantParser(stated, zone) : source.parseInstant;
  const instantOf = (scope: Scope): number | null => {
    const text = value(scope);
    if (text === null) return null;
    const at = parse(String(text));
    if (at === null) throw failure(argument, `is not a date of the stated formats (${stated.join(', ')})`);
    return at;
  };
  return { instantOf, zone };
};

/** Instants, days, and how long things took. */
export const dates: Operators = {
  /** Milliseconds since epoch of a date; `formats` and `zone` as the source's unless given. */
  $instant: {
    options: ['formats', 'zone'],
    compile: (argument, whole, source) => datesOf(argument, whole, source).instantOf,
  },
  /** The day of a date, `1990-02-28`: `{ $day: <birthday>, formats: yyyy/M/d }`; of a text with an offset, the zone's. */
  $day: {
    options: ['formats', 'zone'],
    compile: (argument, whole, source) => {
      const { instantOf, zone } = datesOf(argument, whole, source);
      return (scope) => {
        const at = instantOf(scope);
        return at === null ? null : new Date(toWallClock(at, zone)).toISOString().slice(0, 10);
      };
    },
  },
  /** Seconds that a text of a length of time says: `{ $duration: <talk time> }`, 00:03:25 → 205. */
  $duration: {
    options: [],
    compile: (argument, _whole, source) => {
      const value = expressionOf(argument, source);
      return (scope) => {
        const text = value(scope);
        if (text === null) return null;
        const seconds = secondsIn(String(text));
        if (seconds === null) throw failure(argument, 'is not a length of time such as 205, 3:25, 1:03:25 or 3分25秒');
        return seconds;
      };
    },
  },
  /** Whole seconds from one date to another: `{ $seconds: [<ts_min>, <ts_max>] }`. */
  $seconds: {
    options: [],
    compile: (argument, _whole, source) => {
      const pair = pairOf(argument, source);
      return (scope) => {
        const [from, to] = pair.map(([value, at]) => {
          const text = value(scope);
          const instant = text === null ? null : source.parseInstant(String(text));
          if (text !== null && instant === null)
            throw failure(at, `is not a date of the source's formats (${source.formats.join(', ')})`);
          return instant;
        });
        return from == null || to == null ? null : Math.round((to - from) / 1000);
      };
    },
  },
};
