import { createHash } from 'node:crypto';
import { isMasked, isTimeZone, toWallClock } from '@tributary/contracts';
import { type Scope } from './columns.js';
import { conditionOf } from './condition.js';
import {
  absolute,
  type Decimal,
  decimalNumber,
  decimalText,
  dividedBy,
  plus,
  readDecimal,
  times,
  zero,
} from './decimal.js';
import { secondsIn } from './duration-text.js';
import { entriesOf } from './entries.js';
import { MapFailure } from './errors.js';
import { type Expression, expressionOf, type Source } from './expression.js';
import { formatLetters } from './date-format.js';
import { instantFormatFault, instantParser } from './instants.js';
import { type JsonValue } from './model.js';
import { amountIn, usualStyle } from './money-text.js';
import { type Spec } from './spec.js';

/** One operator of the mapping language: `{ $name: argument, option: … }`. The set is closed; no code in channel files. */
interface Operator {
  readonly options: readonly string[];
  readonly compile: (argument: Spec, whole: Spec, source: Source) => Expression;
}

/** Names the place in the channel file and what was written there; never the value, which may be personal. */
const failure = (at: Spec, what: string): MapFailure => {
  const place = at.path.replace(/^sources\[\d+\]\./, '');
  return new MapFailure(`${place}${typeof at.value === 'string' ? ` (${at.value})` : ''} ${what}`);
};

const decimalOf = (value: JsonValue, at: Spec): Decimal | null => {
  if (value === null) return null;
  const d = typeof value === 'string' || typeof value === 'number' ? readDecimal(String(value)) : null;
  if (!d) throw failure(at, 'is not a plain decimal number');
  return d;
};

/** A decimal calculation, as exact text; `absolute: true` drops the sign. */
const exact = (whole: Spec, calculate: (scope: Parameters<Expression>[0]) => Decimal | null): Expression => {
  const unsigned = whole.at('absolute').flagOr(false);
  return (scope) => {
    const d = calculate(scope);
    return d === null ? null : decimalText(unsigned ? absolute(d) : d);
  };
};

const pairOf = (argument: Spec, source: Source): readonly (readonly [Expression, Spec])[] => {
  const items = argument.items();
  if (items.length < 2) argument.fail('needs at least two values', 'Write [<A>, <B>].');
  return items.map((item) => [expressionOf(item, source), item] as const);
};

/** Works out a value for every row of the record, or for every entry of the list that `of` names, that `where` keeps. */
const perRow = (argument: Spec, whole: Spec, source: Source) => {
  const of = whole.at('of');
  const entries = of.isAbsent ? null : entriesOf(of, source.columns);
  const inner = entries ? { ...source, columns: { ...source.columns, inEntry: true } } : source;
  const where = whole.at('where');
  const keep = where.isAbsent ? null : conditionOf(where, inner);
  const value = expressionOf(argument, inner);
  return (outer: Scope, each: (value: JsonValue) => void): void => {
    const scope = entries ? { ...outer, rows: entries(outer) } : outer;
    const came = scope.index;
    for (scope.index = 0; scope.index < scope.rows.length; scope.index++) if (!keep || keep(scope)) each(value(scope));
    scope.index = came;
  };
};

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

export const operators: Readonly<Record<string, Operator>> = {
  /** Exact decimal text: `{ $decimal: <price> }` → "12.34". */
  $decimal: {
    options: ['absolute'],
    compile: (argument, whole, source) => {
      const value = expressionOf(argument, source);
      return exact(whole, (scope) => decimalOf(value(scope), argument));
    },
  },
  /** Exact decimal text of an amount as people write it: `{ $money: <total> }`, ¥1,234.50 → "1234.50". */
  $money: {
    options: ['absolute', 'thousands', 'point'],
    compile: (argument, whole, source) => {
      const value = expressionOf(argument, source);
      const { thousands, point } = usualStyle;
      const style = { thousands: whole.at('thousands').textOr(thousands), point: whole.at('point').textOr(point) };
      if (style.thousands === style.point)
        whole.at('thousands').fail('is the point of the decimals, too', "Write both: thousands: '.', point: ','.");
      return exact(whole, (scope) => {
        const given = value(scope);
        if (given === null) return null;
        const read = amountIn(String(given), style);
        if (read === null) throw failure(argument, `is not an amount such as ¥1${style.thousands}234${style.point}50`);
        return read;
      });
    },
  },
  /** Exact product: `{ $product: [<quantity>, <price>] }`; null if any factor is. */
  $product: {
    options: ['absolute'],
    compile: (argument, whole, source) => {
      const factors = pairOf(argument, source);
      return exact(whole, (scope) => {
        let product: Decimal = { digits: 1, scale: 0 };
        for (const [factor, at] of factors) {
          const d = decimalOf(factor(scope), at);
          if (d === null) return null;
          product = times(product, d);
        }
        return product;
      });
    },
  },
  /** First divided by second, rounded half away from zero to `decimals` (4); null where the second is zero. */
  $quotient: {
    options: ['absolute', 'decimals'],
    compile: (argument, whole, source) => {
      const pair = pairOf(argument, source);
      const decimals = whole.at('decimals').countOr(4, 8);
      return exact(whole, (scope) => {
        const [a, b] = pair.map(([value, at]) => decimalOf(value(scope), at));
        return !a || !b || b.digits === 0 ? null : dividedBy(a, b, decimals);
      });
    },
  },
  /** Exact sum over the record's rows: `{ $total: { $product: [...] }, where: {...} }`. A row without a value is refused. */
  $total: {
    options: ['absolute', 'where', 'of'],
    compile: (argument, whole, source) => {
      const rows = perRow(argument, whole, source);
      return exact(whole, (scope) => {
        let sum = zero;
        rows(scope, (value) => {
          const d = decimalOf(value, argument);
          if (d === null) throw failure(argument, 'has no value in one of the rows to be summed');
          sum = plus(sum, d);
        });
        return sum;
      });
    },
  },
  /** A list with one entry a row of the record, or an entry of a list: `{ $each: { productId: <.sku> }, of: <items> }`. */
  $each: {
    options: ['where', 'of'],
    compile: (argument, whole, source) => {
      const rows = perRow(argument, whole, source);
      return (scope) => {
        const made: JsonValue[] = [];
        rows(scope, (value) => void made.push(value));
        return made;
      };
    },
  },
  /** A number, for counts and scores; never for money. */
  $number: {
    options: ['absolute'],
    compile: (argument, whole, source) => {
      const value = expressionOf(argument, source);
      const unsigned = whole.at('absolute').flagOr(false);
      return (scope) => {
        const d = decimalOf(value(scope), argument);
        return d === null ? null : decimalNumber(unsigned ? absolute(d) : d);
      };
    },
  },
  /** Whether a condition holds: `{ $test: { made_sla: 'true' } }`. */
  $test: {
    options: [],
    compile: (argument, _whole, source) => conditionOf(argument, source),
  },
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
  /** A word for a word: `{ $lookup: <class>, in: { 1: gold }, else: bronze }`. Without `else` an unknown word is refused. */
  $lookup: {
    options: ['in', 'else'],
    compile: (argument, whole, source) => {
      const value = expressionOf(argument, source);
      const table = new Map(
        whole
          .at('in')
          .keys()
          .map((key) => [key, expressionOf(whole.at('in').at(key), source)]),
      );
      const otherwise = whole.at('else').isAbsent ? null : expressionOf(whole.at('else'), source);
      return (scope) => {
        const key = value(scope);
        if (key === null) return otherwise ? otherwise(scope) : null;
        const found = table.get(String(key)) ?? otherwise;
        if (!found) throw failure(argument, 'holds a word that the table does not list');
        return found(scope);
      };
    },
  },
  /** The first that is not null: `{ $coalesce: [<mobile>, <phone>] }`. */
  $coalesce: {
    options: [],
    compile: (argument, _whole, source) => {
      const values = argument.items().map((item) => expressionOf(item, source));
      return (scope) => {
        for (const value of values) {
          const v = value(scope);
          if (v !== null) return v;
        }
        return null;
      };
    },
  },
  /** A text, or null where it is masked (张**, 138****1234): it would take the place of the whole one that is known. */
  $unmasked: {
    options: [],
    compile: (argument, _whole, source) => {
      const value = expressionOf(argument, source);
      return (scope) => {
        const given = value(scope);
        return typeof given === 'string' && isMasked(given.normalize('NFKC')) ? null : given;
      };
    },
  },
  /** 32 hex digits that stand for these values: the same for the same, nothing to be read from them. Null if any is. */
  $hash: {
    options: [],
    compile: (argument, _whole, source) => {
      const values = argument.items().map((item) => expressionOf(item, source));
      return (scope) => {
        const hash = createHash('sha256');
        for (const value of values) {
          const v = value(scope);
          if (v === null) return null;
          hash.update(`${String(v)}\0`);
        }
        return hash.digest('hex').slice(0, 32);
      };
    },
  },
  /** A list out of one text: `{ $split: <tags>, by: '><', strip: '<>' }`; `strip` takes these letters off both ends first. */
  $split: {
    options: ['by', 'strip'],
    compile: (argument, whole, source) => {
      const value = expressionOf(argument, source);
      const by = whole.at('by').text();
      const strip = whole.at('strip').textOr('');
      return (scope) => {
        let text = String(value(scope) ?? '');
        while (text !== '' && strip.includes(text.charAt(0))) text = text.slice(1);
        while (text !== '' && strip.includes(text.charAt(text.length - 1))) text = text.slice(0, -1);
        return text
          .split(by)
          .map((piece) => piece.trim())
          .filter((piece) => piece !== '');
      };
    },
  },
  /** Text of at most so many characters, `…` at the end of what was cut: `{ $shorten: <body>, to: 8000 }`. */
  $shorten: {
    options: ['to'],
    compile: (argument, whole, source) => {
      const value = expressionOf(argument, source);
      const to = whole.at('to').countOr(8000, 8000);
      return (scope) => {
        const text = value(scope);
        if (typeof text !== 'string' || text.length <= to) return text;
        // Not within a surrogate pair: half of one is no text.
        const pair = /[\ud800-\udbff]/.test(text.charAt(to - 2));
        return `${text.slice(0, pair ? to - 2 : to - 1)}…`;
      };
    },
  },
  /** An object of what is stated: members that are null are left out. */
  $stated: {
    options: [],
    compile: (argument, _whole, source) => {
      const members = argument.keys().map((key) => [key, expressionOf(argument.at(key), source)] as const);
      return (scope) => {
        const made: Record<string, JsonValue> = {};
        for (const [key, member] of members) {
          const v = member(scope);
          if (v !== null) made[key] = v;
        }
        return made;
      };
    },
  },
};

export const zoneRemedy = 'Write an IANA name: UTC, Europe/London, Asia/Shanghai.';

export const formatsOf = (spec: Spec): readonly string[] => {
  const formats = spec.isList ? spec.texts() : [spec.text()];
  const hint = `Write iso, epoch_ms, epoch_s, or letters (${formatLetters}) such as d/M/yyyy HH:mm.`;
  if (formats.length === 0) spec.fail('is not a date format', hint);
  for (const format of formats) {
    const fault = instantFormatFault(format);
    if (fault !== null) spec.fail('is not a date format', `${format}: ${fault}. ${hint}`);
  }
  return formats;
};
