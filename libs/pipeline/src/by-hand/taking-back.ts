import { type ManualLink } from '@tributary/domain';
import { type SubjectId } from '@tributary/kernel';
import { pairKey } from '../subjects-named.js';
import { Holders } from './holders.js';
import { type Outlook } from './outlook.js';
import { firstBy, type Order, seenBy, type Subjects, type Word } from './said.js';

/** What is said to take merges back, and who would hold whom by it. */
export interface TakenBack {
  readonly words: readonly Word[];
  readonly holders: Holders;
}

/**
 * Takes back all that these orders merged, so that two are parted by it, if that is possible. A merge ties the two customers that it
 * was said of, and may have to tie more of their members (`joining`); of either it is not known which of the two it will belong
 * to when evidence has come. So one word of each order keeps the two apart from now on, and the others are withdrawn: whoever
 * they were said of belongs where evidence says. Only where evidence that came since ties the two all the same, more is kept apart.
 */
export const takingBack = (
  orders: Iterable<string>,
  two: readonly [SubjectId, SubjectId],
  outlook: Outlook,
  order: Order,
  set: Subjects,
): TakenBack => {
  const merges = outlook.mergesBy(new Set(orders));
  const withdrawn = outlook.takingBack(merges);
  const after = (words: readonly Word[]): TakenBack => ({ words, holders: new Holders(outlook.after(words, order)) });
  const bare = after(withdrawn);
  const lasting = lastingOf(merges, bare.holders, two, set);
  const keeping = (isKept: (word: Word) => boolean): readonly Word[] =>
    withdrawn.map((word) => (isKept(word) ? { ...word, kind: 'keep_apart' } : word));
  const lasts = ({ a, b }: Word): boolean => lasting.has(pairKey(a, b));
  // To keep apart who is apart already changes nothing of who is who.
  if (!bare.holders.areOne(...two))
    return { ...bare, words: keeping((word) => lasts(word) && !bare.holders.areOne(word.a, word.b)) };
  const kept = after(keeping(lasts));
  return kept.holders.areOne(...two) ? after(keeping(() => true)) : kept;
};

/**
 * Of each order the pair whose word lasts: of which two customers it was said, who were called after whom of them was seen first.
 * Sooner one that lies across the two that are parted, and one that is apart sooner than one that evidence ties.
 */
const lastingOf = (
  merges: readonly ManualLink[],
  holders: Holders,
  [one, other]: readonly [SubjectId, SubjectId],
  set: Subjects,
): ReadonlySet<string> => {
  const rankOf = ({ a, b }: ManualLink): readonly number[] => [
    [one, other].every((id) => holders.areOne(a, id) !== holders.areOne(b, id)) ? 0 : 1,
    holders.areOne(a, b) ? 1 : 0,
    seenBy(a, set) + seenBy(b, set),
  ];
  const saidBy = new Map<string, Map<string, readonly number[]>>();
  for (const word of merges) {
    const ranks = saidBy.get(word.id) ?? new Map<string, readonly number[]>();
    saidBy.set(word.id, ranks.set(pairKey(word.a, word.b), rankOf(word)));
  }
  return new Set([...saidBy.values()].map((ranks) => firstBy(ranks.keys(), (pair) => ranks.get(pair) ?? [])));
};
