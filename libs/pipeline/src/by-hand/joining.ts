import { type CustomerRecord, type IdentityRules, otherOf } from '@tributary/domain';
import { type SubjectId } from '@tributary/kernel';
import { type WorkingSet } from '../working-set.js';
import { Outlook } from './outlook.js';
import { distinct, type Order, type Pair, namesakeAmong, surest, wordsOn } from './said.js';

/**
 * What a merge has to tie: the two customers, by whom they are called after, since whoever takes it back names them so; and
 * whom somebody has said to keep apart, which it takes back. Evidence that counts again by that may use up what a type allows,
 * and leave some of the two outside: those are tied, too.
 */
export const joining = async (
  one: CustomerRecord,
  other: CustomerRecord,
  order: Order,
  set: WorkingSet,
  rules: IdentityRules,
): Promise<readonly Pair[]> => {
  const theirs = new Set(other.subjects);
  const parted = one.subjects.flatMap((mine) =>
    wordsOn(mine, 'keep_apart', set)
      .map((word) => otherOf(word, mine))
      .filter((their) => theirs.has(their))
      .map((their) => ({ a: mine, b: their })),
  );
  const members = new Set([...one.subjects, ...other.subjects]);
  // Somebody of the other of the two: to take the word back must cut nothing that evidence ties within one of them.
  const across = (piece: readonly SubjectId[], core: readonly SubjectId[]): Pair => {
    const b = surest(piece, set, rules);
    const opposite = core.filter((id) => theirs.has(id) !== theirs.has(b));
    return { a: surest(opposite.length > 0 ? opposite : core, set, rules), b };
  };
  const outlook = await Outlook.on(members, set, rules);
  const namesake = namesakeAmong(one, set, rules);
  const pairs = distinct([{ a: namesake, b: namesakeAmong(other, set, rules) }, ...parted]);
  const tied = new Set<SubjectId>();
  for (;;) {
    const pieces = outlook
      .after(
        pairs.map((pair) => ({ kind: 'merge', ...pair })),
        order,
      )
      .map(({ subjects }) => subjects.filter((id) => members.has(id)))
      .filter((piece) => piece.length > 0);
    const [core = [], ...outside] = pieces.sort((x, y) => Number(y.includes(namesake)) - Number(x.includes(namesake)));
    // Who is tied brings along whom evidence ties to them, who may stand in the way of somebody else: they are tied next, before
    // any evidence. A merge outranks all but what keeps somebody else apart: where that parts who is tied, saying more changes nothing.
    const more = outside.map((piece) => across(piece, core)).filter(({ b }) => !tied.has(b));
    if (more.length === 0) return distinct(pairs);
    for (const pair of more) {
      tied.add(pair.b);
      pairs.push(pair);
    }
  }
};
