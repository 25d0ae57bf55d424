import { post } from './load.mjs';

/**
 * People who merge guests two by two and part them again. A command whose answer was lost is sent again with the same
 * `Idempotency-Key` until it is answered; until then nobody decides anything else about the pair.
 */
export class Commands {
  problems = [];
  answered = 0;
  repeated = 0;
  #last = 0;

  constructor({ url, guests, chance, seed }) {
    Object.assign(this, { url, chance, seed });
    this.pairs = [];
    for (let i = 0; i + 1 < guests.length; i += 2)
      this.pairs.push({ one: guests[i], two: guests[i + 1], isMerged: false, open: null, parts: null });
  }

  get inDoubt() {
    return this.pairs.filter(({ open }) => open !== null);
  }

  /** Some commands of a round, one after the other; ends early when the server is gone. */
  async some(n) {
    for (const pair of this.inDoubt) if (!(await this.#carryOn(pair))) return;
    for (; n > 0; n--) {
      const pair = this.chance.pick(this.pairs);
      if (pair.open === null && !((await this.#open(pair)) && (await this.#carryOn(pair)))) return;
    }
  }

  async finish() {
    for (const pair of this.inDoubt) await this.#carryOn(pair);
  }

  async #customerOf({ phone }) {
    try {
      const response = await fetch(`${this.url}/v1/customers?phone=${encodeURIComponent(phone)}`);
      const body = await response.json();
      return response.status === 200 ? body.customerId : null;
    } catch {
      return undefined;
    }
  }

  /** Answers whether the server is there. */
  async #open(pair) {
    const [one, two] = [await this.#customerOf(pair.one), await this.#customerOf(pair.two)];
    if (one === undefined || two === undefined) return false;
    if (one === null || two === null) return true;
    if ((one === two) !== pair.isMerged)
      this.problems.push(
        `guests ${pair.one.n} and ${pair.two.n} are ${one === two ? 'one customer' : 'two'}, and nobody said so`,
      );
    const id = `crash-${this.seed}-${++this.#last}`;
    pair.open = pair.isMerged
      ? { id, path: `${one}/unmerge`, body: { from: pair.parts.two, reason: 'crash test' } }
      : { id, path: `${one}/merge`, body: { with: two, reason: 'crash test' } };
    if (!pair.isMerged) pair.parts = { one, two };
    return true;
  }

  /** Answers whether the server is there. */
  async #carryOn(pair) {
    if (pair.open === null) return true;
    const { id, path, body } = pair.open;
    for (;;) {
      if (pair.open.tries) this.repeated += 1;
      pair.open.tries = (pair.open.tries ?? 0) + 1;
      const answer = await post(`${this.url}/v1/customers/${path}`, JSON.stringify(body), { 'idempotency-key': id });
      if (answer === null) return false;
      if (answer.status === 202 || answer.status === 503) continue;
      if (answer.status !== 200)
        this.problems.push(
          `${path.replace(/^.*\//, '')} ${id} (try ${pair.open.tries}) was answered ${answer.status} ${JSON.stringify(answer.body)}`,
        );
      this.answered += 1;
      pair.isMerged = !pair.isMerged;
      pair.open = null;
      return true;
    }
  }
}

/**
 * Persons who asked to be erased. Nothing is sent about them any more, nothing about them is in doubt, and all input has
 * had its effect: so it is plain what must be gone, and stay gone.
 */
export class Erasures {
  problems = [];
  /** Subjects that the receipts name. */
  subjects = new Set();
  done = 0;
  #waiting = [];

  constructor({ url, oracle, seed }) {
    Object.assign(this, { url, oracle, seed });
  }

  add(person) {
    this.#waiting.push({ person, id: `erase-${this.seed}-${person.n}`, customer: null, isSent: false });
  }

  /** All that may be done now; ends early when the server is gone. */
  async run() {
    for (const erasure of [...this.#waiting])
      if (erasure.isSent || !this.oracle.isInDoubtAbout(erasure.person.n)) if (!(await this.#erase(erasure))) return;
  }

  /** Answers whether the server is there. */
  async #erase(erasure) {
    erasure.customer ??= await this.#customerOf(erasure.person);
    if (erasure.customer === undefined) return false;
    for (; erasure.customer !== null;) {
      erasure.isSent = true;
      const answer = await post(`${this.url}/v1/customers/${erasure.customer}/erase`, '{"reason":"crash test"}', {
        'idempotency-key': erasure.id,
      });
      if (answer === null) return false;
      if (answer.status === 202 || answer.status === 503) continue;
      if (answer.status === 200) for (const subject of answer.body.receipt.subjects) this.subjects.add(subject);
      else this.problems.push(`${erasure.id} was answered ${answer.status} ${JSON.stringify(answer.body)}`);
      this.done += 1;
      break;
    }
    this.#waiting.splice(this.#waiting.indexOf(erasure), 1);
    return true;
  }

  /** `null`: nobody is known by this; `undefined`: the server is gone. */
  async #customerOf({ member_no, device }) {
    for (const query of [`member_no=${member_no}`, `device=${device}`])
      try {
        const response = await fetch(`${this.url}/v1/customers?${query}`);
        const body = await response.json();
        if (response.status === 200) return body.customerId;
      } catch {
        return undefined;
      }
    return null;
  }
}
