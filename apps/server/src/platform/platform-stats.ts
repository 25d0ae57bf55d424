import { type Clock, type Log, partitionName, type PartitionRange } from '@tributary/kernel';
import { type Connection } from '@tributary/embedded';
import { touchpointTopic } from '@tributary/domain';
import { COMMAND_TOPIC, PIPELINE_GROUP, readCensus, waitingFor } from '@tributary/pipeline';
import { type PlatformStats } from '../ops/platform-stats.js';
import { type SettledItems } from '../ops/quarantine/settled-items.js';
import { noticeOfLeap } from './clock-leap.js';
import { type ChannelTitle } from './channel-names.js';

export interface StatsDeps {
  readonly store: Pick<Connection, 'log' | 'events' | 'documents'>;
  readonly settled: Pick<SettledItems, 'counts'>;
  /** Who carries out commands, where that is not the pipeline itself. */
  readonly commandGroup?: string;
  readonly channels: () => readonly string[];
  readonly titleOf: (channel: string) => ChannelTitle | undefined;
  /** Records that wait beyond the pipeline; `null`: not known. */
  readonly lagBeyond: () => Promise<Readonly<Record<string, number | null>>>;
  readonly clock: Clock;
  readonly startedAt: string;
  /** By how much the clock leapt, as long as silence waits for that to prove right. */
  readonly leap_ms?: () => number | null;
  readonly notice?: () => string | undefined;
}

/** Reads the numbers where they stand, at each call: the census that the pipeline keeps, and the log's ends. */
export const platformStats = ({
  store,
  settled,
  commandGroup = PIPELINE_GROUP,
  channels,
  titleOf,
  lagBeyond,
  clock,
  startedAt,
  leap_ms = () => null,
  notice,
}: StatsDeps): (() => Promise<PlatformStats>) => {
  // In stages whoever is due and has no news cannot be written down anew: such a count would never come to nothing.
  const rings = commandGroup === PIPELINE_GROUP;
  const newest = newestTimes(store.log);
  return async () => {
    const names = channels();
    // In the order of the way: where a stage has nothing left, what it did is seen by the reads after it.
    const waiting =
      (await waitingFor(store.log, PIPELINE_GROUP, names.map(touchpointTopic))) +
      (await waitingFor(store.log, commandGroup, [COMMAND_TOPIC]));
    const beyond = await lagBeyond();
    const leap = leap_ms();
    const [census, due, quarantine, head, times] = await Promise.all([
      readCensus(store.documents),
      rings ? store.documents.due('customer', clock.now() - Math.max(0, leap ?? 0), DUE_COUNTED) : null,
      settled.counts(names),
      store.events.head(),
      Promise.all(names.map((name) => newest(touchpointTopic(name)))),
    ]);
    const lagUnknown = Object.keys(beyond).filter((consumer) => beyond[consumer] === null);
    const notices = [notice?.(), noticeOf(lagUnknown), noticeOfLeap(leap)].filter((text) => text !== undefined);
    return {
      channels: names.flatMap((channel, i) => {
        const title = titleOf(channel);
        const counts = census.channels[channel] ?? { accepted: 0, duplicates: 0, quarantined: 0 };
        return [
          {
            channel,
            ...(title && { title }),
            accepted: counts.accepted,
            duplicates: counts.duplicates,
            quarantined: quarantine[i]?.ever ?? 0,
            held: quarantine[i]?.held ?? 0,
            last: times[i] ?? null,
          },
        ];
      }),
      stages: census.standing,
      customers: census.customers,
      touchpoints: census.touchpoints,
      events: head,
      lag: { pipeline: waiting, ...(due ? { timers: due.length } : {}), ...knownOf(beyond) },
      ...(lagUnknown.length === 0 ? {} : { lagUnknown }),
      startedAt,
      ...(notices.length === 0 ? {} : { notice: notices.join(' ') }),
    };
  };
};

const knownOf = (lag: Readonly<Record<string, number | null>>): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(lag).flatMap(([consumer, records]) => (records === null ? [] : [[consumer, records]])),
  );

const noticeOf = (unknown: readonly string[]): string | undefined =>
  unknown.length === 0
    ? undefined
    : `Not known: what waits for ${unknown.join(', ')}; an engine is away or not ready.  尚不知还有多少在等待：有引擎不在或未就绪。`;

/** How many due timers are counted at most: whether there are any is what matters. */
const DUE_COUNTED = 1_000;

/** When a topic's newest record was accepted; the record is read only when the end has moved. */
const newestTimes = (log: Log) => {
  const known = new Map<string, { readonly end: number; readonly at: number }>();
  const newestOf = async (range: PartitionRange): Promise<number> => {
    const { begin, end } = range;
    if (end === begin) return 0;
    const name = partitionName(range);
    const last = known.get(name);
    if (last?.end === end) return last.at;
    const [record] = await log.read(range, end - 1, 1);
    const at = record?.timestamp_ms ?? 0;
    known.set(name, { end, at });
    return at;
  };
  return async (topic: string): Promise<string | null> => {
    const times = await Promise.all((await log.partitions(topic)).map(newestOf));
    const at = Math.max(0, ...times);
    return at === 0 ? null : new Date(at).toISOString();
  };
};
