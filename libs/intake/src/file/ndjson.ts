import { type JsonObject } from '../channel/model.js';
import { reasonOf } from './lines.js';
import { type RecordReader, type RecordSink } from './record-reader.js';

/** What the JSON parser can read, its writer cannot always write again: from some thousands deep it fails. */
const deepest = 1000;

const isDeeperThan = (levels: number, value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((inner) => isDeeperThan(levels - 1, inner)));

/** An object a line. */
export const ndjsonReader = (sink: RecordSink): RecordReader => ({
  columns: null,
  line: (text, line) => {
    if (text.trim() === '') return;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return sink.broken(Buffer.from(text), line, 'the line is not valid JSON');
    }
    if (text.length > 2 * deepest && isDeeperThan(deepest, value))
      return sink.broken(Buffer.from(text), line, `the line is JSON nested more than ${deepest} deep`);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      sink.record(value as JsonObject, line, text);
    else sink.broken(Buffer.from(text), line, 'the line is JSON, but not an object');
  },
  unreadable: (given, line) => sink.broken(given.bytes, line, reasonOf(given)),
  end: () => {},
  abandon: () => {},
});
