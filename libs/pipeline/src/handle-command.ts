import { encodeDecision } from '@tributary/contracts';
import { type CustomerRecord, type ManualLink, type SubjectErased, subjectStream, valueIn } from '@tributary/domain';
import { type CustomerId, customerNamedAfter, namesakeOf, type SubjectId } from '@tributary/kernel';
import { type Command, type Outcome } from './commands.js';
import { type PipelinePorts } from './ports.js';
import { neighboursOf } from './projection.js';
import { decisionId, type Unit } from './unit.js';
import { type WorkingSet } from './working-set.js';

interface Hands {
  readonly set: WorkingSet;
  readonly unit: Unit;
  readonly ports: PipelinePorts;
}

/** Carries out a command into the unit. A refusal changes nothing and says why. */
export const handleCommand = async (command: Command, hands: Hands): Promise<Outcome> => {
  const customer = await holder(command.customer, hands.set);
  if (!customer) return refused('not_found', `nobody is known as ${command.customer}`);
  switch (command.type) {
    case 'merge': {
      const other = await holder(command.other, hands.set);
      if (!other) return refused('not_found', `nobody is known as ${command.other}`);
      if (other.id === customer.id) return refused('same_customer', 'the two are one customer already');
      sayLink(command, 'merge', namesakeOf(customer.id), namesakeOf(other.id), hands);
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
      // Keys first: if we crash in between, the command comes again and finds them gone.
      const keysDestroyed = await hands.ports.vault.destroy(customer.subjects);
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
          keysDestroyed,
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
};

/**
 * Whom a subject must be kept apart from to be taken out: those it was merged with by hand, and the customer's
 * namesake; if it is the namesake itself, the next first seen.
 */
const partedFrom = (customer: CustomerRecord, subject: SubjectId, set: WorkingSet): SubjectId[] => {
  const others = new Set<SubjectId>();
  for (const { kind, a, b } of newestWords(set.subject(subject)?.manual ?? [])) {
    const other = a === subject ? b : a;
    if (kind === 'merge' && customer.subjects.includes(other)) others.add(other);
  }
  if (others.size === 0) {
    const namesake = namesakeOf(customer.id);
    if (namesake !== subject) others.add(namesake);
    else
      for (const other of customer.subjects)
        if (other !== subject && valueIn(set.subject(subject)?.links ?? [], other)) others.add(other);
    if (others.size === 0) for (const other of customer.subjects) if (other !== subject) others.add(other);
  }
  return [...others];
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
