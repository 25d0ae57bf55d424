import {
  customerNamedAfter,
  type CustomerId,
  type Instant,
  manualClock,
  type NewEvent,
  type SubjectId,
  type SubjectKey,
} from '@tributary/kernel';
import { memoryStore } from '@tributary/kernel/memory';
import {
  encodeBehaviourSum,
  encodeDecision,
  factId,
  makeIdentify,
  openCatalogue,
  seal,
  seenKey,
} from '@tributary/contracts';
import {
  activityText,
  type AnyTouchpoint,
  combine,
  course,
  type CustomerEvent,
  type CustomerRecord,
  customerStream,
  customerText,
  historyOf,
  type Identifier,
  labelOf,
  type ManualLink,
  newCustomer,
  type Payloads,
  orderPlaced,
  plainLine,
  secondsOf,
  type SubjectState,
  subjectStream,
  subjectText,
  toReporting,
  type TouchpointType,
  volumeClass,
} from '@tributary/domain';
import { openProfiles } from '../open-profiles.js';
import { type Naming, Registry } from './registry.js';
import { identityRules, lifecycleRules } from './rules.js';

export const NOON: Instant = Date.UTC(2026, 0, 1, 12);

/**
 * A platform in memory whose write side is as plain as it can be: it keeps all records, and decides everything anew from
 * everything whenever it settles. What it writes is what the pipeline writes; specs hold the read side against it.
 */
export class Town {
  readonly #store = memoryStore();
  readonly events = this.#store.events;
  readonly documents = this.#store.documents;
  readonly vault = this.#store.vault;
  readonly clock = manualClock(NOON);
  readonly catalogue = openCatalogue();
  readonly identify = makeIdentify({ lookupKey: new Uint8Array(32).fill(7), rules: identityRules });
  readonly profiles = openProfiles({ ...this.stores(), identityRules, lifecycleRules });
  readonly #registry = new Registry();
  #customers = new Map<CustomerId, CustomerRecord>();
  #messages = 0;

  stores() {
    const { events, documents, vault, catalogue, identify, clock } = this;
    return { events, documents, vault, catalogue, identify, clock };
  }

  identifier(type: string, value: string): Identifier {
    const outcome = this.identify(type, value);
    if ('invalid' in outcome) throw new TypeError(`not an identifier: ${type}`);
    return outcome;
  }

  /** A customer id that is named after an identifier. */
  named(type: string, value: string): CustomerId {
    return customerNamedAfter(this.identifier(type, value).subject);
  }

  touchpoint<T extends TouchpointType>(
    type: T,
    names: readonly (readonly [string, string])[],
    occurredAt: Instant,
    payload: Payloads[T],
    channel = 'shop',
  ): AnyTouchpoint {
    const identifiers = names
      .map(([kind, value]) => this.identifier(kind, value))
      .sort((a, b) => (identityRules.types[a.type]?.priority ?? 9) - (identityRules.types[b.type]?.priority ?? 9));
    const messageId = `m-${++this.#messages}`;
    return {
      channel,
      type,
      messageId,
      occurredAt,
      receivedAt: this.clock.now(),
      identifiers,
      payload,
    } as AnyTouchpoint;
  }

  order(
    names: readonly (readonly [string, string])[],
    at: Instant,
    orderId: string,
    units: number,
    currency = 'CNY',
  ): AnyTouchpoint {
    const amount = units * 10_000;
    const lines = [
      { productId: 'p', name: null, category: 'tea', quantity: 1, unitPrice: amount, amount, ...plainLine },
    ];
    return this.touchpoint('order_placed', names, at, { ...orderPlaced(orderId, amount, currency), lines });
  }

  traits(names: readonly (readonly [string, string])[], at: Instant, traits: Record<string, string>): AnyTouchpoint {
    return this.touchpoint('traits_stated', names, at, { traits, interests: [] });
  }

  view(names: readonly (readonly [string, string])[], at: Instant, category: string): AnyTouchpoint {
    const payload = { path: '/', title: null, productId: null, category, campaign: null };
    return this.touchpoint('page_viewed', names, at, payload, 'app');
  }

  /** One batch: facts one event each, behaviour summed per subject; then everything is decided. */
  async take(...touchpoints: readonly AnyTouchpoint[]): Promise<void> {
    for (const touchpoint of touchpoints.filter(({ type }) => volumeClass[type] === 'fact'))
      await this.#takeFact(touchpoint);
    const bySubject = groupedBy(
      touchpoints.filter(({ type }) => volumeClass[type] === 'behaviour'),
      (touchpoint) => (touchpoint.identifiers[0] as Identifier).subject,
    );
    for (const [subject, seen] of bySubject) await this.#takeBehaviour(subject, seen);
    await this.settle();
  }

  async manual(kind: ManualLink['kind'], a: SubjectId, b: SubjectId): Promise<void> {
    const at = this.clock.now();
    const commandId = `command-${++this.#messages}`;
    const decision: CustomerEvent = { type: 'ManualLinkMade', kind, a, b, at, commandId, by: 'spec', reason: 'spec' };
    await this.#decide(customerNamedAfter(a), decision);
    this.#registry.manual({ kind, a, b, at, id: commandId });
    await this.settle();
  }

  async erase(subject: SubjectId, members: readonly SubjectId[] = [subject]): Promise<void> {
    await this.vault.destroy(await this.vault.idsOf([subject]));
    const at = this.clock.now();
    const revision = await this.#append(subjectStream(subject), {
      id: `erasure-${++this.#messages}`,
      type: 'SubjectErased',
      data: encodeDecision({ type: 'SubjectErased', subject, members, at, commandId: 'c' }),
      metadata: { recordedAt: at },
    });
    this.#registry.erase(subject, revision);
    await this.settle();
  }

  /** Decides who is who and where each stands as of now, records what changed, and writes the documents. */
  async settle(): Promise<void> {
    const standing = new Map<CustomerId, CustomerRecord>();
    for (const { id, subjects } of this.#registry.resolve()) {
      const states = this.#registry.statesOf(subjects);
      if (states.length === 0) continue;
      const before = this.#customers.get(id);
      const record: CustomerRecord = { ...newCustomer(id, subjects), ...before, subjects: [...subjects] };
      await this.#recordMembers(record, before);
      await this.#recordCourse(record, combine(states));
      standing.set(id, record);
    }
    this.#customers = standing;
    await this.#write();
  }

  async #takeFact(touchpoint: AnyTouchpoint): Promise<void> {
    const [{ subject }] = touchpoint.identifiers as [Identifier];
    const id = factId(touchpoint.channel, touchpoint.messageId);
    await this.#appendSealed(subject, id, touchpoint.type, this.catalogue.encode(touchpoint));
    this.#registry.fact(subject, touchpoint, id);
  }

  async #takeBehaviour(subject: SubjectId, seen: readonly AnyTouchpoint[]): Promise<void> {
    const inOrder = [...seen].sort((a, b) => a.occurredAt - b.occurredAt);
    const tallies = [...groupedBy(inOrder, (each) => `${each.type}|${each.channel}|${labelOf(each)}`).values()].map(
      (group) => {
        const first = group[0] as AnyTouchpoint;
        return {
          type: first.type,
          channel: first.channel,
          label: labelOf(first),
          times: group.map((each) => each.occurredAt),
          received: group.map((each) => each.receivedAt),
          seconds: group.reduce((sum, each) => sum + secondsOf(each), 0),
        };
      },
    );
    const namings: Naming[] = inOrder.flatMap((each) =>
      each.identifiers.map((identifier) => ({
        ...identifier,
        at: each.occurredAt,
        id: factId(each.channel, each.messageId),
        known: each.receivedAt,
      })),
    );
    const links = [...groupedBy(namings, (naming) => naming.subject).values()].map((group) => group[0] as Naming);
    const messages = inOrder.map((each) => seenKey(each.channel, each.messageId));
    const data = encodeBehaviourSum({ tallies, links, messages, firstOffset: 0, lastOffset: messages.length - 1 });
    await this.#appendSealed(subject, `sum-${++this.#messages}`, 'BehaviourSummed', data);
    this.#registry.behaviour(subject, tallies, links);
  }

  async #recordMembers(record: CustomerRecord, before: CustomerRecord | undefined): Promise<void> {
    const { id: customerId, subjects } = record;
    const had = new Set<SubjectId>(before?.subjects ?? [`s_${customerId.slice(2)}` as SubjectId]);
    const added = subjects.filter((subject) => !had.has(subject));
    const at = this.clock.now();
    const rules = identityRules.version;
    const left = [...had].filter((subject) => !subjects.includes(subject));
    if (left.length > 0) {
      const released = left.map((subject) => ({ customerId: customerNamedAfter(subject), subjects: [subject] }));
      await this.#decide(customerId, { type: 'SubjectsReleased', customerId, subjects: subjects, released, at, rules });
    }
    if (added.length > 0)
      await this.#decide(customerId, {
        type: 'SubjectsLinked',
        customerId,
        subjects,
        added,
        absorbed: [],
        at,
        rules,
        evidence: [],
      });
  }

  async #recordCourse(record: CustomerRecord, state: SubjectState): Promise<void> {
    const { id: customerId } = record;
    const convert = (amount: number, currency: string) => toReporting(amount, currency, lifecycleRules.reporting);
    const after = course(historyOf(state, convert), lifecycleRules, this.clock.now()).transitions;
    const before = record.course;
    let same = 0;
    while (same < before.length && same < after.length && JSON.stringify(before[same]) === JSON.stringify(after[same]))
      same += 1;
    const transitions = after.slice(same);
    const withdrawn = before.length - same;
    if (withdrawn === 0 && transitions.length === 0) return;
    const [last] = state.recent;
    const made = { customerId, transitions, rules: lifecycleRules.version, because: last ? [last.id] : [] };
    if (withdrawn === 0) await this.#decide(customerId, { type: 'CourseAdvanced', ...made });
    else
      await this.#decide(customerId, {
        type: 'CourseRevised',
        ...made,
        since: transitions[0]?.at ?? this.clock.now(),
        withdrawn,
      });
    record.course = [...after];
    record.rules = lifecycleRules.version;
  }

  async #write(): Promise<void> {
    await this.documents.clear('customer');
    const version = await this.events.head();
    const subjects = [...this.#registry.records];
    await this.documents.replace([
      ...subjects.map((record) => ({ kind: 'subject' as const, key: record.id, version, body: subjectText(record) })),
      ...subjects.map((record) => ({ kind: 'activity' as const, key: record.id, version, body: activityText(record) })),
      ...[...this.#customers.values()].map((record) => ({
        kind: 'customer' as const,
        key: record.id,
        version,
        body: customerText(record),
      })),
    ]);
  }

  async #decide(customerId: CustomerId, decision: CustomerEvent): Promise<void> {
    await this.#append(customerStream(customerId), {
      id: `decision-${++this.#messages}`,
      type: decision.type,
      data: encodeDecision(decision),
      metadata: { recordedAt: this.clock.now() },
    });
  }

  async #appendSealed(subject: SubjectId, id: string, type: string, clear: Uint8Array): Promise<void> {
    const key = (await this.vault.keysFor([subject])).get(subject) as SubjectKey;
    const source = { topic: 'touchpoints.shop', partition: 0, offset: this.#messages };
    const metadata = { source, recordedAt: this.clock.now(), keyId: key.keyId };
    await this.#append(subjectStream(subject), { id, type, data: seal(key, clear), metadata });
  }

  async #append(stream: string, event: NewEvent): Promise<number> {
    const expectedRevision = ((await this.events.readStreams([stream])).get(stream)?.length ?? 0) - 1;
    await this.events.append([{ stream, expectedRevision, events: [event] }]);
    return expectedRevision + 1;
  }
}

const groupedBy = <K, V>(values: readonly V[], keyOf: (value: V) => K): Map<K, V[]> => {
  const groups = new Map<K, V[]>();
  for (const value of values) {
    const group = groups.get(keyOf(value));
    if (group) group.push(value);
    else groups.set(keyOf(value), [value]);
  }
  return groups;
};
