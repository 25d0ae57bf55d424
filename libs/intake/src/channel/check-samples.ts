import { type Problem } from '@tributary/contracts';
import { readText } from '../file/read-text.js';
import { problemAtDoor } from './door.js';
import { type Channel, type ChannelSample, type JsonObject, type JsonValue, type NativeEnvelope } from './model.js';

/** What a sample of a channel file came to; `problems` is empty where it came out as the file says. */
export interface SampleOutcome {
  readonly title: string;
  readonly problems: readonly string[];
}

/**
 * Runs every sample that a channel file carries as an import would: through the whole reader, and what comes out of it
 * past the door, whose refusals are rejects behind those of the reader.
 */
export const checkSamples = (channel: Channel): readonly SampleOutcome[] =>
  channel.samples.map((sample) => ({ title: sample.title, problems: problemsOf(channel, sample) }));

const problemsOf = (channel: Channel, sample: ChannelSample): readonly string[] => {
  const { items, rejects, ignored } = readText(channel, sample.file ?? 'sample', sample.given);
  const problems: string[] = [];
  const judged = items.map(({ envelope }) => ({ envelope, problem: problemAtDoor(channel.name, envelope) }));
  const accepted = judged.filter(({ problem }) => problem === null);
  const [expected, found] = [sample.then.map(comparable), accepted.map(({ envelope }) => comparable(envelope))];
  for (let i = 0; i < Math.max(expected.length, found.length); i++)
    problems.push(...differences(expected[i], found[i], '').map((difference) => `touchpoint ${i + 1}: ${difference}`));
  const reasons = [
    ...rejects.map((r) => r.reason),
    ...judged.flatMap(({ problem }) => (problem ? [told(problem)] : [])),
  ];
  if (reasons.length !== sample.rejected.length || !sample.rejected.every((part, i) => reasons[i]?.includes(part)))
    problems.push(`rejected: expected ${JSON.stringify(sample.rejected)}, found ${JSON.stringify(reasons)}`);
  if (inOrder(ignored) !== inOrder(sample.ignored))
    problems.push(`ignored: expected ${inOrder(sample.ignored)}, found ${inOrder(ignored)}`);
  return problems;
};

const told = ({ field, found, expected, remedy }: Problem): string =>
  `the door refuses ${field}: found ${found}, expected ${expected}. ${remedy}`;

/** Instants compare as instants, however they are written. */
const comparable = (envelope: NativeEnvelope): JsonValue => {
  const at = new Date(envelope.occurredAt);
  // What is no date is the door's to say; two of them compare as they are written.
  return { ...envelope, occurredAt: Number.isNaN(at.getTime()) ? envelope.occurredAt : at.toISOString() };
};

/** Each place at which two values differ, members in any order: a touchpoint of twenty fields is wrong in one or two. */
const differences = (
  expected: JsonValue | undefined,
  found: JsonValue | undefined,
  path: string,
): readonly string[] => {
  if (expected !== undefined && found !== undefined && isParted(expected) && isParted(found))
    return [...new Set([...Object.keys(expected), ...Object.keys(found)])].flatMap((key) => {
      const place = Array.isArray(expected) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
      return differences(partOf(expected, key), partOf(found, key), place);
    });
  const [wanted, is] = [expected, found].map((value) => (value === undefined ? 'none' : inOrder(value)));
  return wanted === is ? [] : [`${path === '' ? '' : `${path}: `}expected ${wanted}, found ${is}`];
};

type Parted = JsonObject | readonly JsonValue[];
const isParted = (value: JsonValue): value is Parted => typeof value === 'object' && value !== null;
const partOf = (value: Parted, key: string): JsonValue | undefined =>
  Object.hasOwn(value, key) ? (value as JsonObject)[key] : undefined;

const inOrder = (value: unknown): string =>
  JSON.stringify(value, (_key, v: unknown) =>
    typeof v === 'object' && v !== null && !Array.isArray(v)
      ? Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1)))
      : v,
  );
