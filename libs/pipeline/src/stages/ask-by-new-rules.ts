import { type CustomerId, type DocumentStore } from '@tributary/kernel';
import { askedUpTo, decidedByOthers, RULES_ASKED, rulesAskedText } from '../rules-asked.js';

const PAGE = 500;

/**
 * As `askAnew`, where a zombie may still write documents, so that nobody's timer can be set from here: whom other rules decided
 * is asked page by page, in the turns of the timers. How far that has come is written down, for whoever goes on.
 */
export class AskByNewRules {
  readonly #documents: Pick<DocumentStore, 'get' | 'replace' | 'scan'>;
  readonly #rules: string;
  /** Up to whom all are asked, or are to be now; `null`: everybody is. */
  #after: string | null = null;

  constructor(documents: Pick<DocumentStore, 'get' | 'replace' | 'scan'>, rules: string) {
    this.#documents = documents;
    this.#rules = rules;
  }

  async begin(): Promise<void> {
    const [stored] = await this.#documents.get('checkpoint', [RULES_ASKED]);
    this.#after = askedUpTo(stored, this.#rules);
  }

  get isUnderWay(): boolean {
    return this.#after !== null;
  }

  /** Those among the next customers; `null`: there is nobody, or nobody more. Whom the call before answered has been asked. */
  async next(): Promise<readonly CustomerId[] | null> {
    if (this.#after === null) return null;
    if (this.#after !== '') await this.#note();
    const page = await this.#documents.scan('customer', this.#after, PAGE);
    this.#after = page.at(-1)?.key ?? null;
    if (page.length === 0) {
      await this.#note();
      return null;
    }
    return decidedByOthers(page, this.#rules).map(({ key }) => key as CustomerId);
  }

  #note(): Promise<void> {
    const body = rulesAskedText({ rules: this.#rules, after: this.#after });
    return this.#documents.replace([{ kind: 'checkpoint', key: RULES_ASKED, version: 0, body }]);
  }
}
