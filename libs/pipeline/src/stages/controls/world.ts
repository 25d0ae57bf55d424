import { decodeBatchTaken, decodeDecision } from '@tributary/contracts';
import { type AnyTouchpoint, INTAKE_STREAMS, parseCustomer, readSubjects } from '@tributary/domain';
import { EngineError, type Log, manualClock } from '@tributary/kernel';
import { type Faults, type MemoryStore, memoryStore, noFaults, withFaults } from '@tributary/kernel/memory';
import { type Command, submitCommand } from '../../commands.js';
import { FEED_TOPIC, type FeedMessage, feedRecords } from '../../feed-messages.js';
import { COMMAND_TOPIC, quarantineTopic, type StageContext, touchpointTopic } from '../../ports.js';
import { decodeEvents } from '../../read-events.js';
import { type FeedOutlet, lastSentTo } from '../feed-outlet.js';
import { catalogue, channels, identityRules, lifecycleRules, NOW } from '../../controls/town.js';
import { entryOf, type Followed } from './follower.js';

/** One platform's engines, which share nothing but that they are reached from here. */
export interface World {
  readonly store: MemoryStore;
  readonly clock: ReturnType<typeof manualClock>;
  /** What a process sees of the engines, through its own faults. */
  context(faults?: Faults): StageContext;
  feed(faults?: Faults): FeedOutlet;
  accept(touchpoints: readonly AnyTouchpoint[]): Promise<void>;
  order(command: Omit<Command, 'at' | 'by' | 'reason'> & Record<string, unknown>): Promise<void>;
}

export const makeWorld = async (partitions: number): Promise<World> => {
  const store = memoryStore();
  const clock = manualClock(NOW);
  await store.log.ensureTopics([
    ...channels.map((channel) => ({ name: touchpointTopic(channel), partitions })),
    ...channels.map((channel) => ({ name: quarantineTopic(channel), partitions: 1 })),
    { name: COMMAND_TOPIC, partitions: 1 },
    { name: FEED_TOPIC, partitions: 1 },
  ]);
  const sender = { newest: 0 };
  return {
    store,
    clock,
    context: (faults = noFaults) => ({
      ports: {
        log: withFaults(store.log, 'log', faults),
        events: withFaults(store.events, 'events', faults),
        documents: withFaults(store.documents, 'documents', faults),
        seen: withFaults(store.seen, 'seen', faults),
        vault: withFaults(store.vault, 'vault', faults),
      },
      catalogue,
      identityRules,
      lifecycleRules,
      clock,
    }),
    feed: (faults = noFaults) => withFaults(fencedFeed(store.log, sender), 'feed', faults),
    accept: (touchpoints) =>
      store.log.append(
        touchpoints.map((touchpoint) => ({
          topic: touchpointTopic(touchpoint.channel),
          records: [
            {
              key: touchpoint.identifiers[0]?.subject ?? null,
              value: catalogue.encode(touchpoint),
              timestamp_ms: touchpoint.receivedAt,
            },
          ],
        })),
      ),
    order: (command) =>
      submitCommand(store.log, { ...command, at: clock.now(), by: 'spec', reason: 'spec' } as Command),
  };
};

/** As a transactional producer: whoever began last sends, all or nothing. */
const fencedFeed = (log: Log, sender: { newest: number }): FeedOutlet => {
  let own = 0;
  return {
    begin: async () => {
      own = sender.newest += 1;
      return lastSentTo(log);
    },
    send: async (messages) => {
      if (own !== sender.newest) throw new EngineError('feed', 'fatal', 'another producer has begun');
      await log.append([{ topic: FEED_TOPIC, records: feedRecords(messages) }]);
    },
  };
};

/**
 * All that a profile is rendered from. Left out: positions and revisions, and how often a course was revised, which
 * depend on how input was batched.
 */
export const customersOf = async ({ documents }: Pick<MemoryStore, 'documents'>): Promise<readonly unknown[]> => {
  const all = [];
  for (const { body } of await documents.scan('customer', '', 10_000)) {
    const { id, subjects, course, rules } = parseCustomer(body);
    const states = (await readSubjects(documents, subjects)).map((read) => {
      if (!read) throw new Error('a member has no document');
      const { type, customer, links, manual, state } = read.record;
      if (customer !== id) throw new Error('a member belongs to another customer');
      return { type, links, manual, state };
    });
    all.push({ id, subjects, course, rules, states });
  }
  return all;
};

/** Of each customer who belongs to it, and where it went. */
export const standingsOf = async ({ documents }: Pick<MemoryStore, 'documents'>): Promise<readonly Followed[]> =>
  (await documents.scan('customer', '', 10_000)).map(({ body }) => {
    const { id, subjects, course } = parseCustomer(body);
    return { id, subjects: [...subjects].sort(), course: course.map(entryOf) };
  });

/** Message ids as the events hold them, each as often as it has an effect. */
export const effectsOf = async (world: World): Promise<readonly string[]> => {
  const events = await world.store.events.readAll(-1, 1_000_000);
  const effects: string[] = [];
  for (const { events: decoded } of await decodeEvents(events, world.context()))
    for (const { id, content } of decoded)
      if (content.kind === 'fact') effects.push(id);
      else if (content.kind === 'sum') effects.push(...content.sum.messages);
  return effects.sort();
};

/** Ranges of each partition that were taken, in the order of the intake. */
export const intakeOf = async ({
  store,
}: World): Promise<ReadonlyMap<string, readonly (readonly [number, number])[]>> => {
  const lanes = new Map<string, (readonly [number, number])[]>();
  for (const { stream, data } of await store.events.readAll(-1, 1_000_000, INTAKE_STREAMS)) {
    const { from, to } = decodeBatchTaken(data);
    lanes.set(stream, [...(lanes.get(stream) ?? []), [from, to]]);
  }
  return lanes;
};

/** Touchpoints that count, by what the intake says. */
export const acceptedOf = async ({ store }: World): Promise<number> => {
  const batches = await store.events.readAll(-1, 1_000_000, INTAKE_STREAMS);
  return batches.reduce((sum, { data }) => sum + decodeBatchTaken(data).accepted, 0);
};

export const feedOf = async ({ store }: World): Promise<readonly FeedMessage[]> =>
  (await store.log.read({ topic: FEED_TOPIC, partition: 0 }, 0, 1_000_000)).map(
    ({ value }) => JSON.parse(new TextDecoder().decode(value)) as FeedMessage,
  );

/** What commands changed, one line a change. */
export const partsOf = async (world: World): Promise<readonly string[]> => {
  const parts: string[] = [];
  for (const { stream, type, data } of await world.store.events.readAll(-1, 1_000_000))
    if ((type === 'ManualLinkMade' || type === 'SubjectErased') && !stream.startsWith('command-'))
      parts.push(JSON.stringify(decodeDecision(data)));
  return parts.sort();
};

/** What commands were said to change. */
export const partsSaid = async ({ store }: World): Promise<readonly string[]> => {
  const parts: string[] = [];
  for (const { data } of await store.events.readAll(-1, 1_000_000, 'command-')) {
    const command = decodeDecision(data);
    if (command.type === 'CommandTaken')
      parts.push(...[...command.links, ...command.erased].map((part) => JSON.stringify(part)));
  }
  return parts.sort();
};
