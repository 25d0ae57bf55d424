import { createHash } from 'node:crypto';
import { isMasked } from '@tributary/contracts';
import { conditionOf } from '../condition.js';
import { expressionOf } from '../expression.js';
import { type JsonValue } from '../model.js';
import { failure, type Operators } from './operator.js';
import { perRow } from './per-row.js';

/** Texts, lists and objects: chosen, told apart, or put together. */
export const values: Operators = {
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
  /** Whether a condition holds: `{ $test: { made_sla: 'true' } }`. */
  $test: {
    options: [],
    compile: (argument, _whole, source) => conditionOf(argument, source),
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
