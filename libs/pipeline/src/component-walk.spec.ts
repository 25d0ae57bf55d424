import { describe, expect, it } from '@jest/globals';
import {
  COMPONENT_BOUND,
  customerText,
  type ManualLink,
  newCustomer,
  newSubject,
  setIn,
  type SubjectRecord,
  subjectText,
} from '@tributary/domain';
import { type CustomerId, customerNamedAfter, type DocumentStore, type SubjectId } from '@tributary/kernel';
import { memoryStore } from '@tributary/kernel/memory';
import { ComponentWalk } from './component-walk.js';
import { identifierOf } from './controls/desk.js';
import { identityRules, NOW } from './controls/town.js';
import { decideIdentity } from './decide-identity.js';
import { WorkingSet } from './working-set.js';

const member = identifierOf('member_no', 'M1').subject;
const device = (n: number): SubjectId => identifierOf('device', `d-${n}`).subject;

/** A member who signs in on so many devices, each of which is met once, one second after the other. */
const signedInOn = (devices: number): SubjectRecord[] => {
  const own = newSubject(member, 'member_no', customerNamedAfter(member));
  const others = Array.from({ length: devices }, (_, n) => {
    const record = newSubject(device(n), 'device', customerNamedAfter(device(n)));
    const naming = { at: NOW + n * 1_000, id: `t${String(n).padStart(6, '0')}`, known: NOW + n * 1_000 };
    setIn(own.links, record.id, { ...naming, type: 'device' });
    setIn(record.links, own.id, { ...naming, type: 'member_no' });
    return record;
  });
  own.state = { ...own.state, touchpoints: devices, first: NOW, last: NOW + devices * 1_000 };
  return [own, ...others];
};

/** A set over these, and how many subjects were read into it. */
const setOf = async (records: readonly SubjectRecord[]) => {
  const { documents } = memoryStore();
  await documents.put(
    records.map((record) => ({ kind: 'subject', key: record.id, version: 1, body: subjectText(record) })),
  );
  let read = 0;
  const counted: DocumentStore = Object.assign(Object.create(documents) as DocumentStore, {
    get: (...[kind, keys]: Parameters<DocumentStore['get']>) => {
      if (kind === 'subject') read += keys.length;
      return documents.get(kind, keys);
    },
  });
  return { set: new WorkingSet(counted, 100_000), read: () => read, documents };
};

describe('an identifier that is tied to more than any person has', () => {
  it('is followed to those first named only, whoever is asked about', async () => {
    const { set, read } = await setOf(signedInOn(3_000));
    const walk = new ComponentWalk(set, identityRules);
    const late = device(2_999);
    await walk.load(new Set([late]));
    const { component } = walk.component(late);
    expect(read()).toBe(1_002);
    expect(new Set(component.nodes.map(({ subject }) => subject))).toEqual(
      new Set([late, member, ...Array.from({ length: 1_000 }, (_, n) => device(n))]),
    );
  });

  it('is decided together with all that were met with it just now', async () => {
    const many = COMPONENT_BOUND + 4_000;
    const { set } = await setOf(signedInOn(many));
    const walk = new ComponentWalk(set, identityRules);
    const seeds = await walk.load(new Set(Array.from({ length: many }, (_, n) => device(n))));
    const done = new Set<SubjectId>();
    let components = 0;
    for (const seed of seeds) {
      if (done.has(seed)) continue;
      components++;
      for (const { subject } of walk.component(seed, done).component.nodes) done.add(subject);
    }
    expect(done.size).toBe(many + 1);
    expect(components).toBe(2);
  });

  it('keeps of each type as many as a customer may have, those first named', async () => {
    const records = signedInOn(2_500);
    const { set } = await setOf(records);
    const most = identityRules.types['device']?.maxPerCustomer ?? 0;
    const decided = await decideIdentity(set, new Set(records.map(({ id }) => id)), new Set(), identityRules, NOW);
    expect(decided).toHaveLength(1);
    expect(decided[0]?.event).toMatchObject({ type: 'SubjectsLinked' });
    const { subjects } = decided[0]?.event as { subjects: readonly SubjectId[] };
    expect(new Set(subjects)).toEqual(new Set([member, ...Array.from({ length: most }, (_, n) => device(n))]));
  });
});

/** A browser that is given another device id each time, and names the one before: as long as this, decided as it came. */
const chain = (length: number): SubjectRecord[] => {
  const most = identityRules.types['device']?.maxPerCustomer ?? 0;
  const records = Array.from({ length }, (_, n) => {
    const record = newSubject(device(n), 'device', customerNamedAfter(device(n - (n % most))));
    record.state = { ...record.state, touchpoints: 1, first: NOW + n * 1_000, last: NOW + n * 1_000 };
    return record;
  });
  for (let n = 1; n < length; n++) tie(records[n - 1] as SubjectRecord, records[n] as SubjectRecord, n);
  return records;
};

const tie = (a: SubjectRecord, b: SubjectRecord, n: number): void => {
  const naming = { at: NOW + n * 1_000, id: `t${String(n).padStart(6, '0')}`, known: NOW + n * 1_000 };
  setIn(a.links, b.id, { ...naming, type: b.type });
  setIn(b.links, a.id, { ...naming, type: a.type });
};

describe('what is tied together beyond all bounds', () => {
  const length = COMPONENT_BOUND + 5_007;

  const decidedAtItsEnd = async () => {
    const records = chain(length);
    const latest = records[length - 1] as SubjectRecord;
    latest.customer = customerNamedAfter(latest.id);
    const { set, read, documents } = await setOf(records);
    const members = new Map<CustomerId, SubjectId[]>();
    for (const { id, customer } of records) members.set(customer, [...(members.get(customer) ?? []), id]);
    await documents.put(
      [...members].map(([id, subjects]) => ({
        kind: 'customer',
        key: id,
        version: 1,
        body: customerText(newCustomer(id, subjects.sort())),
      })),
    );
    const seeds = [device(length - 2), device(length - 1)];
    return { decided: await decideIdentity(set, new Set(seeds), new Set(), identityRules, NOW), read };
  };

  it('is followed to the bound and no further', async () => {
    const { read } = await decidedAtItsEnd();
    expect(read()).toBeLessThan(COMPONENT_BOUND + 100);
  });

  it('is decided for those who are concerned; all others keep their customers', async () => {
    const { decided } = await decidedAtItsEnd();
    const first = length - 1 - ((length - 1) % (identityRules.types['device']?.maxPerCustomer ?? 0));
    expect(decided.map(({ event }) => event)).toMatchObject([
      { type: 'SubjectsLinked', customerId: customerNamedAfter(device(first)), added: [device(length - 1)] },
    ]);
  });
});

describe('people who have only a device in common that is too many people\u2019s', () => {
  /** Each with a phone that was met with a cookie, that with an e-mail address, that with a member number; all of them at one tablet. */
  const people = 6_000;
  const tablet = newSubject(device(0), 'device', customerNamedAfter(device(0)));
  const idsOf = (n: number) =>
    (
      [
        ['member_no', `M${n}`],
        ['email', `p${n}@example.com`],
        ['cookie', `ck-${n}`],
        ['phone', `+8613${String(n).padStart(9, '0')}`],
      ] as const
    ).map(([type, value]) => [type, identifierOf(type, value).subject] as const);
  const records = Array.from({ length: people }, (_, n) => n).flatMap((n) => {
    const [own, email, cookie, phone] = idsOf(n).map(([type, id]) => newSubject(id, type, customerNamedAfter(id)));
    if (!own || !email || !cookie || !phone) throw new Error('four each');
    tie(own, email, n);
    tie(email, cookie, n);
    tie(cookie, phone, n);
    tie(own, tablet, n);
    return [own, email, cookie, phone];
  });

  it('are each decided as a whole, however many come together', async () => {
    const { set } = await setOf([tablet, ...records]);
    const walk = new ComponentWalk(set, identityRules);
    const seeds = await walk.load(new Set([tablet.id, ...records.map(({ id }) => id).filter((_, i) => i % 4 === 0)]));
    for (const n of [0, 1, people - 1]) {
      const members = idsOf(n).map(([, id]) => id);
      expect(seeds).toContain(members[0]);
      const { component } = walk.component(members[0] as SubjectId);
      expect(new Set(component.nodes.map(({ subject }) => subject))).toEqual(new Set([...members, tablet.id]));
    }
  });
});

describe('a device that has just become too many people\u2019s', () => {
  it('is decided with whom it held together, whoever of them was read before', async () => {
    const tablet = newSubject(device(0), 'device', customerNamedAfter(device(0)));
    const most = identityRules.types['device']?.sharedAbove ?? 0;
    const owners = Array.from({ length: most + 1 }, (_, n) => {
      const { subject } = identifierOf('member_no', `M${n}`);
      const owner = newSubject(subject, 'member_no', customerNamedAfter(n === 0 ? tablet.id : subject));
      tie(owner, tablet, n);
      return owner;
    });
    const [first, latest] = [owners[0], owners[most]];
    if (!first || !latest) throw new Error('some own it');
    const { set, documents } = await setOf([tablet, ...owners]);
    const held = newCustomer(tablet.customer, [tablet.id, first.id].sort());
    await documents.put([{ kind: 'customer', key: held.id, version: 1, body: customerText(held) }]);
    const walk = new ComponentWalk(set, identityRules);
    const seeds = await walk.load(new Set([tablet.id, latest.id]));
    expect(seeds).toEqual(new Set([tablet.id, latest.id, first.id]));
    expect(walk.component(first.id).component.nodes.map(({ subject }) => subject)).toContain(tablet.id);
  });
});

describe('a device that is too many people\u2019s, within what is too large', () => {
  it('ties nobody else to that, and whom it was merged with by hand is asked for only where it was read', async () => {
    // Ten thousand addresses of eleven members, of whom each shares one with the next: all of it is reached in one step.
    const members = Array.from({ length: 11 }, (_, n) => {
      const { subject } = identifierOf('member_no', `M${n}`);
      return newSubject(subject, 'member_no', customerNamedAfter(subject));
    });
    const addressOf = (n: number): SubjectRecord => {
      const { subject } = identifierOf('email', `p${n}@example.com`);
      return newSubject(subject, 'email', customerNamedAfter(subject));
    };
    const addresses = Array.from({ length: 10_900 }, (_, n) => addressOf(n));
    addresses.forEach((address, n) => {
      const owner = Math.floor(n / 991);
      tie(members[owner] as SubjectRecord, address, n);
      if (n % 991 === 0 && owner > 0) tie(members[owner - 1] as SubjectRecord, address, n);
    });
    const tablet = newSubject(device(0), 'device', customerNamedAfter(device(0)));
    for (const member of members) tie(member, tablet, 0);
    const visitor = newSubject(identifierOf('phone', '+8613800000001').subject, 'phone', customerNamedAfter(device(1)));
    tie(visitor, tablet, 1);
    const friend = newSubject(identifierOf('phone', '+8613800000002').subject, 'phone', customerNamedAfter(device(2)));
    const byHand = { kind: 'merge', a: tablet.id, b: friend.id, at: NOW, id: 'h1' } satisfies ManualLink;
    tablet.manual.push(byHand);
    friend.manual.push(byHand);
    const { set } = await setOf([...members, ...addresses, tablet, visitor, friend]);
    const walk = new ComponentWalk(set, identityRules);
    await walk.load(new Set([...members.map(({ id }) => id), visitor.id]));
    const { component } = walk.component(visitor.id);
    expect(new Set(component.nodes.map(({ subject }) => subject))).toEqual(new Set([visitor.id, tablet.id]));
  });
});
