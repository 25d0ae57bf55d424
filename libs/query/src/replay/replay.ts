import { type Instant, type SubjectId } from '@tributary/kernel';
import {
  emptyState,
  type Evidence,
  type IdentityNode,
  type IdentityRules,
  type ManualLink,
  type Resolution,
  resolve,
  type SubjectState,
} from '@tributary/domain';
import { type Moment } from '../moment.js';
import { type Fact, foldInto, namingsOf, restrict } from './facts.js';
import { type SubjectFacts } from './read-facts.js';
import { type Decision } from './read-decisions.js';
import { type Sighting } from './walk-component.js';

const noSightings: ReadonlyMap<SubjectId, Sighting> = new Map();

/** Who was who at a moment, and what each subject had done by then. */
export interface Replayed {
  readonly resolution: Resolution;
  /** Subjects that touchpoints of others name. */
  readonly named: ReadonlySet<SubjectId>;
  /** Of subjects with at least one touchpoint of their own. */
  readonly states: ReadonlyMap<SubjectId, SubjectState>;
  /** The facts of the moment, by the subject they are filed under, in stream order. */
  readonly facts: ReadonlyMap<SubjectId, readonly Fact[]>;
}

/**
 * Folds a set of subjects again from their events, as far as the moment goes, and asks identity anew. It uses nothing
 * that was ever decided or projected, which is why it can verify what was.
 *
 * `subjects` bounds what is looked at: namings of subjects outside of it tie nothing. `shared` are those among it that
 * are known to join strangers by evidence outside of it (`connects`), as which they may have been seen earlier than here.
 */
export const replay = (
  subjects: readonly SubjectFacts[],
  decisions: readonly Decision[],
  rules: IdentityRules,
  moment: Moment,
  shared: ReadonlyMap<SubjectId, Sighting> = noSightings,
): Replayed => {
  const erasedAt = new Map(subjects.map((each) => [each.subject, each.erasedAt]));
  const sightings = new Sightings();
  const evidence: Evidence[] = [];
  const states = new Map<SubjectId, SubjectState>();
  const factsOf = new Map<SubjectId, Fact[]>();

  for (const { subject, facts } of subjects) {
    for (const whole of facts) {
      const fact = restrict(whole, moment);
      if (!fact) continue;
      let state = states.get(subject);
      if (!state) {
        states.set(subject, (state = emptyState()));
        factsOf.set(subject, []);
      }
      foldInto(state, fact);
      factsOf.get(subject)?.push(fact);
      for (const naming of namingsOf(fact)) {
        if (naming.subject === subject) sightings.of(subject, naming.type, naming.at);
        else if (fact.event.position > (erasedAt.get(naming.subject) ?? Infinity)) {
          sightings.of(naming.subject, naming.type, naming.at);
          evidence.push({ a: subject, b: naming.subject, at: naming.at, id: naming.id });
        }
      }
    }
    const state = states.get(subject);
    if (state) sightings.of(subject, null, state.first);
  }

  for (const [id, { type, first }] of shared) sightings.of(id, type, first);
  const manual = manualLinksOf(decisions, erasedAt, moment);
  for (const { a, b } of manual) for (const end of [a, b]) sightings.of(end, null, Number.MAX_SAFE_INTEGER);
  const resolution = resolve({ nodes: sightings.nodes(), evidence, manual }, rules, new Set(shared.keys()));
  return { resolution, named: new Set(evidence.map(({ b }) => b)), states, facts: factsOf };
};

/** Somebody's word that counts at the moment, on subjects that are looked at and neither of which was erased since. */
const manualLinksOf = (
  decisions: readonly Decision[],
  erasedAt: ReadonlyMap<SubjectId, number>,
  { asOf, knownAt }: Moment,
): ManualLink[] => {
  const links: ManualLink[] = [];
  for (const { decision, event } of decisions) {
    if (decision.type !== 'ManualLinkMade' || decision.at > asOf || event.metadata.recordedAt > knownAt) continue;
    const { kind, a, b, at, commandId: id } = decision;
    const erasedA = erasedAt.get(a);
    const erasedB = erasedAt.get(b);
    if (erasedA === undefined || erasedB === undefined) continue;
    if (event.position < Math.max(erasedA, erasedB)) continue;
    links.push({ kind, a, b, at, id });
  }
  return links;
};

/** Who was named, as what, and when first. */
class Sightings {
  readonly #seen = new Map<SubjectId, { type: string | null; first: Instant }>();

  of(subject: SubjectId, type: string | null, at: Instant): void {
    const seen = this.#seen.get(subject);
    if (!seen) this.#seen.set(subject, { type, first: at });
    else {
      seen.type ??= type;
      if (at < seen.first) seen.first = at;
    }
  }

  nodes(): IdentityNode[] {
    return [...this.#seen].map(([subject, { type, first }]) => ({
      subject,
      type: type ?? 'unknown',
      firstSeen: first,
    }));
  }
}
