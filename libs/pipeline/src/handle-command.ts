import { encodeDecision } from '@tributary/contracts';
import {
  type CustomerRecord,
  firstSeenOf,
  type ManualLink,
  type SubjectErased,
  subjectStream,
} from '@tributary/domain';
import { type CustomerId, customerNamedAfter, type KeyVault, namesakeOf, type SubjectId } from '@tributary/kernel';
import { digestOfOrder, type KeptOutcome } from './command-digest.js';
import { type Command, type Outcome } from './commands.js';
import { neighboursOf } from './subjects-named.js';
import { decisionId, type Unit } from './unit.js';
import { type WorkingSet } from './working-set.js';

interface Hands {
  readonly set: WorkingSet;
  readonly unit: Pick<Unit, 'append' | 'decide'>;
  readonly vault: Pick<KeyVault, 'idsOf'>;
  /** What was sealed with these keys is to become unreadable, before the command counts as carried out. */
  readonly destroy: (keyIds: readonly string[]) => Promise<unknown>;
}

/** Carries out a command into the unit. A refusal changes nothing and says why. */
export const handleCommand = async (command: Command, hands: Hands): Promise<KeptOutcome> => ({
  ...(await carryOut(command, hands)),
  order: digestOfOrder(command),
});

const carryOut = async (command: Command, hands: Hands): Promise<Outcome> => {
  const customer = await holder(command.customer, hands.set);
  if (!customer) return refused('not_found', `nobody is known as ${command.customer}`);
  switch (command.type) {
    case 'merge': {
      const other = await holder(command.other, hands.set);
      if (!other) return refused('not_found', `nobody is known as ${command.other}`);
      if (other.id === customer.id) return refused('same_customer', 'the two are one customer already');
      sayLink(command, 'merge', namesakeOf(customer.id), namesakeOf(other.id), hands);
      for (const [a, b] of partedPairs(customer, other, hands.set)) sayLink(command, 'merge', a, b, hands);
      return { status: 'done', customers: [customer.id, other.id] };
    }
    case 'unmerge': {
      const { subject } = command;
      if (!customer.subjects.includes(subject))
        return refused('not_a_member', `${subject} does not belong to ${customer.id}`);
      if (customer.subjects.length === 1)
        return refused('only_subject', `${customer.id} has no other subject to be parted from`);
      const others = partedFrom(customer, subject, hands.set);
      for (const other of others) sayLink(command, 'keep_apart', subject, other, hands);
      return { status: 'done', customers: [customer.id, customerNamedAfter(subject)] };
    }
    case 'erase': {
      const keys = await hands.vault.idsOf(customer.subjects);
      await hands.destroy(keys);
      const erasedAt = command.at;
      const subjects = [...customer.subjects];
      await loadNeighbours(subjects, hands.set);
      for (const id of subjects) {
        // An identifier that was only ever named goes with those who named it.
        const revision = hands.set.subject(id)?.revision;
        if (revision === undefined || revision < 0) continue;
        const erased: SubjectErased = {
          type: 'SubjectErased',
          subject: id,
          members: subjects,
          at: erasedAt,
          commandId: command.id,
        };
        const stream = subjectStream(id);
        hands.unit.append(stream, revision, [
          {
            event: {
              id: decisionId(stream, revision + 1),
              type: erased.type,
              data: encodeDecision(erased),
              metadata: { recordedAt: command.at },
            },
            content: { kind: 'erased', erased },
          },
        ]);
      }
      return {
        status: 'done',
        customers: [customer.id],
        receipt: {
          commandId: command.id,
          erasedAt: new Date(erasedAt).toISOString(),
          subjects,
          keysDestroyed: keys.length,
          remaining: 'the input log and the quarantine, until their retention is over',
        },
      };
    }
    default:
      return command satisfies never;
  }
};

const holder = async (id: CustomerId, set: WorkingSet): Promise<CustomerRecord | undefined> => {
  await set.loadSubjects([namesakeOf(id)]);
  const subject = set.subject(namesakeOf(id));
  if (!subject) return undefined;
  await set.loadCustomers([subject.customer]);
  const customer = set.customer(subject.customer);
  if (customer) await set.loadSubjects([...customer.subjects, namesakeOf(customer.id)]);
  return customer;
};

const loadNeighbours = async (subjects: readonly SubjectId[], set: WorkingSet): Promise<void> => {
  await set.loadSubjects(subjects);
  const others = new Set<SubjectId>();
  for (const id of subjects) for (const other of neighboursOf(set.subject(id))) others.add(other);
  await set.loadSubjects(others);
  // Whose each of them is once it is erased: itself.
  await set.loadCustomers(subjects.map(customerNamedAfter));
};

/**
 * Whom a subject must be kept apart from, so that it goes and the rest stays. What was merged by hand is taken back just
 * so. Else: of those whom evidence ties it to directly, all who are tied to the rest without it; what hangs on the subject
 * alone goes with it.
 */
const partedFrom = (customer: CustomerRecord, subject: SubjectId, set: WorkingSet): readonly SubjectId[] => {
  const members = new Set(customer.subjects);
  const said = (id: SubjectId, kind: ManualLink['kind']): SubjectId[] =>
    newestWords(set.subject(id)?.manual ?? [])
      .filter((word) => word.kind === kind)
      .map(({ a, b }) => (a === id ? b : a))
      .filter((other) => members.has(other));
  const byHand = said(subject, 'merge');
  if (byHand.length > 0) return byHand;
  const tiedTo = (id: SubjectId): SubjectId[] => {
    const apart = new Set(said(id, 'keep_apart'));
    const named = (set.subject(id)?.links ?? []).map(([other]) => other as SubjectId);
    return [...new Set([...named, ...said(id, 'merge')])].filter((other) => members.has(other) && !apart.has(other));
  };
  const anchor = anchorOf(customer, subject, set);
  const staying = new Set<SubjectId>([anchor]);
  for (const id of staying) for (const other of tiedTo(id)) if (other !== subject) staying.add(other);
  const cut = tiedTo(subject).filter((other) => staying.has(other));
  return cut.length > 0 ? cut : [anchor];
};

/** Who stands for the rest: the namesake, or if that is to go, of the others with touchpoints of their own the first seen. */
const anchorOf = (customer: CustomerRecord, subject: SubjectId, set: WorkingSet): SubjectId => {
  const namesake = namesakeOf(customer.id);
  if (namesake !== subject) return namesake;
  const rank = (id: SubjectId): readonly [number, number] => {
    const record = set.subject(id);
    return record ? [record.state.touchpoints > 0 ? 0 : 1, firstSeenOf(record)] : [2, 0];
  };
  const before = (a: SubjectId, b: SubjectId): boolean => {
    const [[kindA, seenA], [kindB, seenB]] = [rank(a), rank(b)];
    return kindA !== kindB ? kindA < kindB : seenA < seenB;
  };
  return customer.subjects.filter((id) => id !== subject).reduce((a, b) => (before(b, a) ? b : a));
};

/** Pairs across two customers that somebody said to keep apart: a merge of the two takes that back. */
const partedPairs = (customer: CustomerRecord, other: CustomerRecord, set: WorkingSet): [SubjectId, SubjectId][] => {
  const theirs = new Set(other.subjects);
  return customer.subjects.flatMap((mine) =>
    newestWords(set.subject(mine)?.manual ?? []).flatMap(({ kind, a, b }): [SubjectId, SubjectId][] => {
      const their = a === mine ? b : a;
      return kind === 'keep_apart' && theirs.has(their) ? [[mine, their]] : [];
    }),
  );
};

const newestWords = (links: readonly ManualLink[]): ManualLink[] => {
  const newest = new Map<string, ManualLink>();
  for (const link of links) newest.set(link.a < link.b ? `${link.a}${link.b}` : `${link.b}${link.a}`, link);
  return [...newest.values()];
};

const sayLink = (
  command: Extract<Command, { type: 'merge' | 'unmerge' }>,
  kind: 'merge' | 'keep_apart',
  a: SubjectId,
  b: SubjectId,
  { unit }: Hands,
): void =>
  unit.decide(
    [
      {
        customerId: customerNamedAfter(a),
        event: {
          type: 'ManualLinkMade',
          kind,
          a,
          b,
          at: command.at,
          commandId: command.id,
          by: command.by,
          reason: command.reason,
        },
      },
    ],
    command.at,
  );

const refused = (code: Extract<Outcome, { status: 'refused' }>['code'], message: string): Outcome => ({
  status: 'refused',
  code,
  message,
});
