import { DATABASE } from '../chdb/engine-config.js';
import { type Token, tokensOf } from './tokens.js';

/**
 * What clients send for a user who may only read, beside questions, and the door answers by itself: to end a question of
 * one's own, and what has nothing to change since it already is so.
 */
export type OwnStatement = { readonly type: 'kill'; readonly queryId: string } | { readonly type: 'nothing' };

const kill = /^KILL QUERY WHERE query_id = ''( A?SYNC)?$/i;
/** There is no other database, nor a session that could be in it; DBeaver sets `readonly` itself. */
const already = new RegExp(`^(USE (DATABASE )?(${DATABASE}|default)|SET readonly = 1)$`, 'i');

const shape = (token: Token): string => (token.kind === 'text' ? "''" : token.text);

/** `undefined`: none of those, so a question; the guard will judge it. */
export const ownStatementOf = (sql: string): OwnStatement | undefined => {
  // A question is not read twice for this.
  if (!/\b(kill|use|set)\b/i.test(sql.slice(0, 1_000))) return undefined;
  let tokens: readonly Token[];
  try {
    tokens = tokensOf(sql);
  } catch {
    return undefined;
  }
  const said = tokens.map(shape).join(' ').replace(/ ;$/, '');
  if (kill.test(said)) return { type: 'kill', queryId: tokens.find(({ kind }) => kind === 'text')?.text ?? '' };
  return already.test(said) ? { type: 'nothing' } : undefined;
};
