import { openEventStoreDB } from '@tributary/eventstoredb';
import { openKafkaLog } from '@tributary/kafka';
import { type Profile } from '@tributary/domain';
import { FEED_TOPIC } from '@tributary/pipeline';
import { profileEventBinding } from '@tributary/query';
import { type RecordedEvent } from '@tributary/kernel';
import { type PlatformStats } from '@tributary/server';
import { eventOrder } from '../crash/event-order.mjs';
import { sqlAt } from '../e2e/engines/up-town.js';
import { type Load } from './load.js';

const PAGE = 2_000;
/** Of the problems of one kind. */
const SHOWN = 3;

export interface Whereabouts {
  readonly apiUrl: string;
  readonly direct: Readonly<Record<string, string>>;
}

const few = (problems: readonly string[]): readonly string[] =>
  problems.length <= SHOWN ? problems : [...problems.slice(0, SHOWN), `… and ${problems.length - SHOWN} like these`];

/** What is wrong, when nothing moves any more. */
export const checkAll = async (load: Load, where: Whereabouts, stats: PlatformStats): Promise<readonly string[]> => [
  ...load.problems,
  ...(stats.touchpoints === load.ids.size
    ? []
    : [`${stats.touchpoints} touchpoints counted, ${load.ids.size} were accepted`]),
  ...few(await checkEvents(where)),
  ...few(await checkRows(load, where)),
  ...few(await checkProfiles(load, where)),
  ...few(await checkFeed(where)),
];

/** Streams without gaps, each event once, and per stream and partition of the log nothing that was covered before. */
const checkEvents = async ({ direct }: Whereabouts): Promise<readonly string[]> => {
  const store = await openEventStoreDB({ url: direct['TRIBUTARY_EVENTS_URL'] as string });
  const covered = new Map<string, number>();
  const wentBack = ({ stream, metadata: { source } }: RecordedEvent): readonly string[] => {
    if (!source || !stream.startsWith('subject-')) return [];
    const place = `${stream} ${source.topic}/${source.partition}`;
    const before = covered.get(place) ?? -1;
    covered.set(place, source.offset);
    return source.offset < before ? [`${place} goes back to ${source.offset}`] : [];
  };
  try {
    return (await eventOrder(store.events, wentBack)).problems;
  } finally {
    await store.close();
  }
};

const checkRows = async ({ ids }: Load, { direct }: Whereabouts): Promise<readonly string[]> => {
  const rows = await sqlAt<{ message_id: string; held: string }>(
    direct['TRIBUTARY_WAREHOUSE_URL'] as string,
    'SELECT message_id, toString(count()) AS held FROM raw_touchpoints GROUP BY message_id',
  );
  const held = new Set(rows.map(({ message_id }) => message_id));
  return [
    ...rows.filter((row) => row.held !== '1').map((row) => `raw_touchpoints holds ${row.message_id} ${row.held} times`),
    ...[...ids].filter((id) => !held.has(id)).map((id) => `raw_touchpoints lacks ${id}`),
    ...[...held].filter((id) => !ids.has(id)).map((id) => `raw_touchpoints holds ${id}, which nobody sent`),
  ];
};

const checkProfiles = async ({ shares }: Load, { apiUrl }: Whereabouts): Promise<readonly string[]> => {
  const problems: string[] = [];
  for (const [member, { orders, views }] of shares) {
    const response = await fetch(`${apiUrl}/v1/customers?member_no=${member}`);
    if (response.status !== 200) {
      problems.push(`${member} is answered ${response.status}`);
      continue;
    }
    const { value, behaviour, activity } = (await response.json()) as Profile;
    const has = [value.purchases, Number(orders === 0 ? orders : value.net), behaviour.pageViews, activity.touchpoints];
    const should = [orders, orders * 10, views, orders + views];
    if (has.join() !== should.join()) problems.push(`${member} has ${has.join(', ')} and should have ${should.join()}`);
  }
  return problems;
};

/** Each message once, and per customer the sequence never falls. */
const checkFeed = async ({ direct }: Whereabouts): Promise<readonly string[]> => {
  const log = await openKafkaLog({
    url: direct['TRIBUTARY_LOG_URL'] as string,
    env: {},
    clientId: 'oracle',
    notice: () => undefined,
    bindings: new Map([[FEED_TOPIC, profileEventBinding]]),
  });
  const problems: string[] = [];
  const seen = new Set<string>();
  const last = new Map<string, number>();
  try {
    for (const { topic, partition, begin } of await log.partitions(FEED_TOPIC))
      for (let from = begin; ;) {
        const page = await log.read({ topic, partition }, from, PAGE);
        if (page.length === 0) break;
        from = (page[page.length - 1]?.offset ?? 0) + 1;
        for (const { value } of page) {
          const message = JSON.parse(new TextDecoder().decode(value)) as Record<'id' | 'customerId', string> & {
            readonly sequence: number;
          };
          const { id, customerId, sequence } = message;
          if (seen.has(`${customerId} ${id}`)) problems.push(`message ${id} of ${customerId} is in the feed twice`);
          if (sequence < (last.get(customerId) ?? 0)) problems.push(`${customerId} goes back to sequence ${sequence}`);
          seen.add(`${customerId} ${id}`);
          last.set(customerId, sequence);
        }
      }
  } finally {
    await log.close();
  }
  return seen.size > 0 ? problems : ['the feed is empty'];
};
