import { readText } from '../file/read-text.js';
import { type Channel, type ChannelSample, type NativeEnvelope } from './model.js';

/** What a sample of a channel file came to; `problems` is empty where it came out as the file says. */
export interface SampleOutcome {
  readonly title: string;
  readonly problems: readonly string[];
}

/** Runs every sample that a channel file carries: through the whole reader, as an import would. */
export const checkSamples = (channel: Channel): readonly SampleOutcome[] =>
  channel.samples.map((sample) => ({ title: sample.title, problems: problemsOf(channel, sample) }));

const problemsOf = (channel: Channel, sample: ChannelSample): readonly string[] => {
  const { items, rejects, ignored } = readText(channel, sample.file ?? 'sample', sample.given);
  const problems: string[] = [];
  const [expected, found] = [sample.then.map(comparable), items.map((i) => comparable(i.envelope))];
  for (let i = 0; i < Math.max(expected.length, found.length); i++)
    if (expected[i] !== found[i])
      problems.push(`touchpoint ${i + 1}: expected ${expected[i] ?? 'none'}, found ${found[i] ?? 'none'}`);
  const reasons = rejects.map((r) => r.reason);
  if (reasons.length !== sample.rejected.length || !sample.rejected.every((part, i) => reasons[i]?.includes(part)))
    problems.push(`rejected: expected ${JSON.stringify(sample.rejected)}, found ${JSON.stringify(reasons)}`);
  if (inOrder(ignored) !== inOrder(sample.ignored))
    problems.push(`ignored: expected ${inOrder(sample.ignored)}, found ${inOrder(ignored)}`);
  return problems;
};

/** Instants compare as instants, however they are written; members in any order. */
const comparable = (envelope: NativeEnvelope): string => {
  const at = envelope.occurredAt;
  return inOrder({ ...envelope, occurredAt: new Date(at).toISOString() });
};

const inOrder = (value: unknown): string =>
  JSON.stringify(value, (_key, v: unknown) =>
    typeof v === 'object' && v !== null && !Array.isArray(v)
      ? Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1)))
      : v,
  );
