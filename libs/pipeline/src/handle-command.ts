import { encodeDecision } from '@tributary/contracts';
import {
  type CustomerRecord,
  type IdentityRules,
  neighboursOf,
  type SubjectErased,
  subjectStream,
} from '@tributary/domain';
import { type CustomerId, customerNamedAfter, type KeyVault, namesakeOf, type SubjectId } from '@tributary/kernel';
import { joining } from './by-hand/joining.js';
import { parting } from './by-hand/parting.js';
import { type Word } from './by-hand/said.js';
import { digestOfOrder, type KeptOutcome } from './command-digest.js';
import { type Command, type Outcome } from './commands.js';
import { decisionId, type Unit } from './unit.js';
import { type WorkingSet } from './working-set.js';

interface Hands {
  readonly rules: IdentityRules;
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
      const pairs = await joining(customer, other, command, hands.set, hands.rules);
      for (const pair of pairs) sayLink(command, { kind: 'merge', ...pair }, hands);
      return { status: 'done', customers: [customer.id, other.id] };
    }
    case 'unmerge': {
      const { subject, stays = namesakeOf(command.customer) } = command;
      for (const named of [subject, command.stays])
        if (named !== undefined && !customer.subjects.includes(named))
          return refused('not_a_member', `${named} does not belong to ${customer.id}`);
      if (customer.subjects.length === 1)
        return refused('only_subject', `${customer.id} has no other subject to be parted from`);
      const { words, customers } = await parting(customer, subject, stays, command, hands.set, hands.rules);
      for (const word of words) sayLink(command, word, hands);
      return { status: 'done', customers };
    }
    case 'erase':
      return erase(command, customer, hands);
    default:
      return command satisfies never;
  }
};

/** Destroys the keys of all its subjects, and says of each that it is gone. */
const erase = async ({ id: commandId, at }: Command, customer: CustomerRecord, hands: Hands): Promise<Outcome> => {
  // A copy: the customer's own list is emptied on the way.
  const subjects = [...customer.subjects];
  const keys = await hands.vault.idsOf(subjects);
  await hands.destroy(keys);
  await loadNeighbours(subjects, hands.set);
  // Also of an identifier that was only ever named: decisions may be named after it, others may have named it, too, and
  // whoever has it next must find nothing of that. Those first, while they are still known as this customer's.
  const namedOnesFirst = [...subjects].sort(
    (a, b) => Number(hasStream(a, hands.set)) - Number(hasStream(b, hands.set)),
  );
  for (const subject of namedOnesFirst)
    sayErased({ type: 'SubjectErased', subject, members: subjects, at, commandId }, hands);
  return {
    status: 'done',
    customers: [customer.id],
    receipt: {
      commandId,
      erasedAt: new Date(at).toISOString(),
      subjects,
      keysDestroyed: keys.length,
      remaining: 'the input log and the quarantine, until their retention is over',
    },
  };
};

const sayErased = (erased: SubjectErased, { set, unit }: Hands): void => {
  const stream = subjectStream(erased.subject);
  const revision = set.subject(erased.subject)?.revision ?? -1;
  const event = {
    id: decisionId(stream, revision + 1),
    type: erased.type,
    data: encodeDecision(erased),
    metadata: { recordedAt: erased.at },
  };
  unit.append(stream, revision, [{ event, content: { kind: 'erased', erased } }]);
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

const hasStream = (id: SubjectId, set: WorkingSet): boolean => (set.subject(id)?.revision ?? -1) >= 0;

const loadNeighbours = async (subjects: readonly SubjectId[], set: WorkingSet): Promise<void> => {
  await set.loadSubjects(subjects);
  const others = new Set<SubjectId>();
  for (const id of subjects) {
    const record = set.subject(id);
    if (record) for (const other of neighboursOf(record)) others.add(other);
  }
  await set.loadSubjects(others);
  // Whose each of them is once it is erased: itself.
  await set.loadCustomers(subjects.map(customerNamedAfter));
};

const sayLink = (
  command: Extract<Command, { type: 'merge' | 'unmerge' }>,
  { kind, a, b }: Word,
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
