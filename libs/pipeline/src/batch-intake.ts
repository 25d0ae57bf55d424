import { anonymousStream, subjectStream } from '@tributary/domain';
import { type LogBatch, type SubjectKey } from '@tributary/kernel';
import { loadShares } from './load-shares.js';
import { type OwnRevisions } from './own-revisions.js';
import { partsBySubject } from './parts-by-subject.js';
import { factEvent, type Sealed, sealedLater, sealedWith, shareEvents } from './plan-touchpoints.js';
import { type PipelineContext } from './ports.js';
import { type Pace, takeBatch, type TakenBatch, type TakenKeys, type TakenTally } from './take-batch.js';
import { type Unit } from './unit.js';
import { type WorkingSet } from './working-set.js';

/** Some tens of milliseconds of work. */
const SUBJECTS_A_TURN = 1_000;
/** So many touchpoints, at least, are in memory as such at a time; more would only be garbage that lives longer. */
const PART_RECORDS = 2_000;

/** Plans what a batch of touchpoints says of subjects, and of nobody, as appends of a unit. */
export class BatchIntake {
  readonly #context: PipelineContext;
  readonly #set: WorkingSet;
  readonly #revisions: OwnRevisions;

  constructor(context: PipelineContext, set: WorkingSet, revisions: OwnRevisions) {
    this.#context = context;
    this.#set = set;
    this.#revisions = revisions;
  }

  /** Some subjects after the others: of a large batch, what its touchpoints look like in memory is far more than their effect. */
  async take(unit: Unit, batch: LogBatch, here: TakenKeys, pace: Pace): Promise<TakenTally> {
    let accepted = 0;
    const duplicates: TakenTally['duplicates'][] = [];
    const unreadable: TakenTally['unreadable'][] = [];
    for (const records of partsBySubject(batch.records, PART_RECORDS)) {
      const part = { ...batch, records };
      const taken = await takeBatch(part, this.#context, { here, onSeen: (key, at) => unit.see(key, at), pace });
      await this.#append(unit, part, taken, pace);
      accepted += taken.accepted;
      duplicates.push(taken.duplicates);
      unreadable.push(taken.unreadable);
    }
    return {
      accepted,
      duplicates: duplicates.flat().sort((a, b) => a - b),
      unreadable: unreadable.flat().sort((a, b) => a.record.offset - b.record.offset),
    };
  }

  async #append(unit: Unit, batch: LogBatch, taken: TakenBatch, pace: Pace): Promise<void> {
    const owners = await this.#ownersOf(unit, batch, taken);
    await loadShares(this.#set, taken.bySubject);
    let planned = 0;
    for (const [subject, share] of taken.bySubject) {
      if (planned++ % SUBJECTS_A_TURN === 0) await pace();
      const revision = this.#set.subject(subject)?.revision ?? -1;
      const { sealed, owner } = owners(subject);
      unit.append(subjectStream(subject), revision, shareEvents(subject, share, sealed, batch), owner);
    }
    await this.#appendAnonymous(unit, batch, taken, owners);
  }

  /** How what is told of somebody is sealed: by the engine, if it does that, or here, with keys that are looked up before. */
  async #ownersOf(unit: Unit, batch: LogBatch, taken: TakenBatch): Promise<Owners> {
    if (unit.seals) return (owner) => ({ sealed: sealedLater, owner });
    const { vault } = this.#context.ports;
    const keys = await vault.keysFor([...taken.bySubject.keys(), ...anonymousOwners(batch, taken)]);
    return (owner) => ({ sealed: sealedWith(keys.get(owner) as SubjectKey) });
  }

  async #appendAnonymous(unit: Unit, batch: LogBatch, taken: TakenBatch, owners: Owners): Promise<void> {
    if (taken.anonymous.length === 0) return;
    const stream = anonymousStream(batch);
    const { sealed, owner } = owners(stream);
    const planned = taken.anonymous.map((one) => factEvent(one, sealed, batch));
    const revision = await this.#revisions.of(stream);
    unit.append(stream, revision, planned, owner);
    this.#revisions.endsAt(stream, revision + planned.length);
  }
}

/** Of somebody whose key seals: what becomes of what is told of them, and their name, where the engine does it. */
type Owners = (owner: string) => { readonly sealed: Sealed; readonly owner?: string };

const anonymousOwners = (batch: LogBatch, taken: TakenBatch): string[] =>
  taken.anonymous.length > 0 ? [anonymousStream(batch)] : [];
