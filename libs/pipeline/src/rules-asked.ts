import { parseCustomer } from '@tributary/domain';
import { type StoredDocument } from '@tributary/kernel';

/** By which rules everybody has been asked; while that is under way, up to whom. */
interface RulesAsked {
  readonly rules: string;
  readonly after: string | null;
}

/** The checkpoint that says so. */
export const RULES_ASKED = 'lifecycle-rules';

/** After whom to go on asking by these rules, `''` being before everybody; `null`: everybody has been asked. */
export const askedUpTo = (stored: Pick<StoredDocument, 'body'> | undefined, rules: string): string | null => {
  const asked = stored && (JSON.parse(stored.body) as RulesAsked);
  return asked?.rules === rules ? asked.after : '';
};

export const rulesAskedText = (asked: RulesAsked): string => JSON.stringify(asked);

/** Those among customers whom other rules decided, or none. */
export const decidedByOthers = <D extends Pick<StoredDocument, 'body'>>(page: readonly D[], rules: string): D[] =>
  page.filter(({ body }) => parseCustomer(body).rules !== rules);
