import { encodeDecision } from '@tributary/contracts';
import { type CommandTaken, commandStream, customerStream, type SubjectErased, subjectStream } from '@tributary/domain';
import {
  customerNamedAfter,
  type EventMetadata,
  type EventStore,
  type NewEvent,
  type SubjectId,
  WrongExpectedRevision,
} from '@tributary/kernel';
import { commandTaken, type TakenCommand } from '../command-taken.js';
import { type Command } from '../commands.js';
import { handleCommand } from '../handle-command.js';
import { type StageContext } from '../ports.js';
import { revisionBefore } from '../stream-tail.js';
import { decisionId, type Unit } from '../unit.js';
import { type WorkingSet } from '../working-set.js';
import { appendOwed, type InStream, type OwedAppend, standsAt } from './append-owed.js';
import { inFlight } from '../in-flight.js';

/**
 * Decides what a command, whose record lies there, comes to and says so, first of all. The set must be true of all events so far; `requireOurs` throws
 * where its documents are another's meanwhile.
 */
export const takeCommand = async (
  command: Command,
  source: EventMetadata['source'],
  set: WorkingSet,
  { ports, identityRules: rules }: StageContext,
  requireOurs: () => Promise<void>,
): Promise<TakenCommand> => {
  const parts = new Parts();
  const handled = handleCommand(command, {
    rules,
    set,
    unit: parts,
    vault: ports.vault,
    destroy: async (keyIds) => void parts.keys.push(...keyIds),
  });
  // Nothing holds of what was read in part before another took over and in part after: no refusal, nor a failure.
  await Promise.allSettled([handled]);
  await requireOurs();
  const outcome = await handled;
  const { links, erased, keys } = parts;
  const taken: CommandTaken = {
    type: 'CommandTaken',
    commandId: command.id,
    outcome: JSON.stringify(outcome),
    links,
    erased,
    ...(keys.length > 0 ? { keys } : {}),
  };
  const stream = commandStream(command.id);
  const event: NewEvent = {
    id: decisionId(stream, 0),
    type: taken.type,
    data: encodeDecision(taken),
    metadata: { recordedAt: command.at, ...(source ? { source } : {}) },
  };
  try {
    await ports.events.append([{ stream, expectedRevision: -1, events: [event] }]);
  } catch (error) {
    if (!(error instanceof WrongExpectedRevision)) throw error;
  }
  // What stands there counts, also if it is a zombie's.
  const stands = await commandTaken(ports.events, command.id);
  if (!stands) throw new Error('a command that was just taken is not there');
  return stands;
};

/**
 * Carries out what was said, as far as it was not done yet. Keys go first: what they seal is unreadable before the first
 * event says that it is gone, and not before it is said for good that it goes. Answers where each part stands, at the latest.
 */
export const completeCommand = async (
  command: TakenCommand,
  set: WorkingSet,
  { events, vault }: Pick<StageContext['ports'], 'events' | 'vault'>,
): Promise<readonly InStream[]> => {
  const owed = await partsOf(command, set, events);
  const { keys } = command.taken;
  const [first] = owed;
  // Where an erasure stands its keys went before that; to be sure of it anew may take the vault minutes.
  if (keys && !(first && (await standsAt(events, first)) !== undefined)) await vault.destroy(keys);
  return appendOwed(events, owed);
};

/** Which of the subjects that a command erases are not said to be so as far as the set goes. */
export const notErasedIn = async (
  set: WorkingSet,
  command: TakenCommand,
  events: EventStore,
): Promise<ReadonlySet<SubjectId>> => {
  const parts = new Map((await partsOf(command, set, events)).map((part) => [part.stream, part]));
  const left = await inFlight(command.taken.erased, async ({ subject }) => {
    const part = parts.get(subjectStream(subject));
    const at = part && (await standsAt(events, part));
    return at === undefined || at > (set.subject(subject)?.revision ?? -1) ? [subject] : [];
  });
  return new Set(left.flat());
};

const partsOf = async (
  { taken, position }: TakenCommand,
  set: WorkingSet,
  events: EventStore,
): Promise<readonly OwedAppend[]> => {
  const due = new Map<string, { hint: number; events: NewEvent[] }>();
  await set.loadSubjects([...taken.links.map(({ a }) => a), ...taken.erased.map(({ subject }) => subject)]);
  taken.links.forEach((link, i) => {
    const stream = customerStream(customerNamedAfter(link.a));
    const own = due.get(stream) ?? { hint: set.subject(link.a)?.decided ?? -1, events: [] };
    due.set(stream, own);
    own.events.push(partOf(taken, link, link.at, i));
  });
  taken.erased.forEach((erased, i) =>
    due.set(subjectStream(erased.subject), {
      hint: set.subject(erased.subject)?.revision ?? -1,
      events: [partOf(taken, erased, erased.at, taken.links.length + i)],
    }),
  );
  return inFlight([...due], async ([stream, { hint, events: own }]): Promise<OwedAppend> => ({
    stream,
    base: await revisionBefore(events, stream, hint, position),
    events: own,
  }));
};

const partOf = (
  { commandId }: CommandTaken,
  part: CommandTaken['links'][number] | SubjectErased,
  recordedAt: number,
  index: number,
): NewEvent => ({
  id: decisionId(`${commandStream(commandId)}/part`, index),
  type: part.type,
  data: encodeDecision(part),
  metadata: { recordedAt },
});

/** Notes what a command would change instead of changing it. */
class Parts implements Pick<Unit, 'append' | 'decide'> {
  readonly links: CommandTaken['links'][number][] = [];
  readonly erased: SubjectErased[] = [];
  readonly keys: string[] = [];

  append(...[, , planned]: Parameters<Unit['append']>): void {
    for (const { content } of planned) {
      if (content.kind !== 'erased') throw new TypeError(`a command planned ${content.kind}`);
      this.erased.push(content.erased);
    }
  }

  decide(...[decisions]: Parameters<Unit['decide']>): void {
    for (const { event } of decisions) {
      if (event.type !== 'ManualLinkMade') throw new TypeError(`a command planned ${event.type}`);
      this.links.push(event);
    }
  }
}
