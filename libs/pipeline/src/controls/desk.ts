import { loadIdentityRules, makeIdentify, sortIdentifiers } from '@tributary/contracts';
import {
  type AnyTouchpoint,
  type CustomerRecord,
  type IdentityRules,
  parseCustomer,
  readSubjects,
} from '@tributary/domain';
import { type CustomerId, manualClock, type SubjectId } from '@tributary/kernel';
import { memoryStore } from '@tributary/kernel/memory';
import { type Command, type Outcome, submitCommand } from '../commands.js';
import { FEED_TOPIC } from '../feed-messages.js';
import { Pipeline } from '../pipeline.js';
import { COMMAND_TOPIC, quarantineTopic, touchpointTopic } from '../ports.js';
import { SoleWriter } from '../sole-writer.js';
import { catalogue, lifecycleRules, NOW } from './town.js';

const lookupKey = new Uint8Array(32).fill(5);
const identityRules = loadIdentityRules({ lookupKey });
const identify = makeIdentify({ lookupKey, rules: identityRules });

type Order<T> = T extends Command ? Omit<T, 'id' | 'at' | 'by' | 'reason'> : never;
export type Named = readonly (readonly [type: string, value: string])[];

/** The identifier of a type and value, as the doors make it. */
export const identifierOf = (type: string, value: string) => {
  const identifier = identify(type, value);
  if ('invalid' in identifier) throw new Error(`the spec's own ${type} is invalid`);
  return identifier;
};

/** The so-manieth call, at this hour of a day long ago, that names so many identifiers. */
export const callOf = (n: number, hour: number, named: Named, rules: IdentityRules = identityRules): AnyTouchpoint => ({
  channel: 'shop',
  messageId: `m${n}`,
  occurredAt: NOW - 1_000 * 3_600_000 + hour * 3_600_000,
  receivedAt: NOW,
  identifiers: sortIdentifiers(
    named.map(([type, value]) => identifierOf(type, value)),
    rules,
  ),
  type: 'call_held',
  payload: { direction: 'inbound', topic: null, duration_s: 1, outcome: null, agent: null, summary: null },
});

/** Where somebody takes calls and merges customers by hand, over a store in memory: one thing after the other. */
export const openDesk = async () => {
  const store = memoryStore();
  const clock = manualClock(NOW);
  const topics = [touchpointTopic('shop'), quarantineTopic('shop'), COMMAND_TOPIC, FEED_TOPIC];
  await store.log.ensureTopics(topics.map((name) => ({ name, partitions: 1 })));
  let context = { ports: store, catalogue, identityRules, lifecycleRules, clock };
  let writer = new SoleWriter(context);
  await writer.begin();
  let called = 0;
  let ordered = 0;

  const next = new Map<string, number>();
  const unread = async (topic: string) => {
    const from = next.get(topic) ?? 0;
    const records = await store.log.read({ topic, partition: 0 }, from, 1_000);
    next.set(topic, from + records.length);
    return { topic, partition: 0, records, end: from + records.length };
  };

  /** A call at this hour of a day long ago, that names so many identifiers. */
  const call = async (hour: number, named: Named): Promise<void> => {
    await tell(callOf(called++, hour, named, context.identityRules));
  };

  /** A touchpoint as it stands, in a unit of its own. */
  const tell = async (touchpoint: AnyTouchpoint): Promise<void> => {
    const record = {
      key: touchpoint.identifiers[0]?.subject ?? null,
      value: catalogue.encode(touchpoint),
      timestamp_ms: touchpoint.receivedAt,
    };
    await store.log.append([{ topic: touchpointTopic('shop'), records: [record] }]);
    await writer.take([await unread(touchpointTopic('shop'))]);
    await writer.durable;
  };

  const order = async (what: Order<Command>): Promise<Outcome> => {
    const id = `c${ordered++}`;
    clock.advance(1);
    const command = { ...what, id, at: clock.now(), by: 'desk', reason: 'asked for' } as Command;
    await submitCommand(store.log, command);
    await writer.handleCommands(await unread(COMMAND_TOPIC));
    const [document] = await store.documents.get('outcome', [id]);
    return JSON.parse(document?.body ?? 'null') as Outcome;
  };

  const customers = async (): Promise<CustomerRecord[]> =>
    (await store.documents.scan('customer', '', 1_000)).map(({ body }) => parseCustomer(body));

  /** Begins again with rules that block this identifier. */
  const block = async (type: string, value: string): Promise<void> => {
    const { version, blocked } = context.identityRules;
    const rules = { version: `${version}+`, blocked: new Set([...blocked, identifierOf(type, value).subject]) };
    context = { ...context, identityRules: { ...context.identityRules, ...rules } };
    writer = new SoleWriter(context);
    await writer.begin();
  };

  return {
    store,
    call,
    tell,
    order,
    block,
    customers,
    /** Who holds a subject, if anybody does. */
    withSubject: async (subject: SubjectId): Promise<CustomerRecord | undefined> =>
      (await customers()).find(({ subjects }) => subjects.includes(subject)),
    /** Who holds an identifier. */
    holder: async (type: string, value: string): Promise<CustomerId> => {
      const { subject } = identifierOf(type, value);
      const held = (await customers()).find(({ subjects }) => subjects.includes(subject));
      if (!held) throw new Error(`nobody is known by this ${type}`);
      return held.id;
    },
    /** Whether a rebuild from the events comes to the same. */
    isAsRebuilt: async (): Promise<boolean> => {
      const { documents } = memoryStore();
      const report = await new Pipeline(context, { channels: ['shop'] }).verify({ documents, close: async () => {} });
      return report.equal;
    },
    /** Touchpoints of all customers together. */
    counted: async (): Promise<number> => {
      const members: readonly SubjectId[] = (await customers()).flatMap(({ subjects }) => subjects);
      const read = await readSubjects(store.documents, members);
      return read.reduce((sum, one) => sum + (one?.record.state.touchpoints ?? 0), 0);
    },
  };
};
