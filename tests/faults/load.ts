import { setTimeout as sleep } from 'node:timers/promises';
import { type Chance } from '../crash/chance.mjs';
import { order, view } from '../e2e/touchpoints.js';

const ANSWER_MS = 15_000;
const AGAIN_MS = 200;
const CHANNELS = ['web_shop', 'app'] as const;
const START_MS = Date.parse('2025-01-01T00:00:00Z');

/** What a person should have by now, counted as things are sent: each message id once. */
export interface Share {
  orders: number;
  views: number;
}

/** Producers that send each batch until it is answered, so that nothing is in doubt when they rest. */
export class Load {
  readonly ids = new Set<string>();
  readonly shares = new Map<string, Share>();
  readonly problems: string[] = [];
  #resting = true;
  #running: Promise<unknown> = Promise.resolve();
  #last = 0;

  constructor(
    readonly url: () => string,
    readonly key: string,
    readonly chance: Chance,
    readonly people: number,
  ) {}

  /** Goes on, if it rests. */
  start(senders: number): void {
    if (!this.#resting) return;
    this.#resting = false;
    this.#running = Promise.all(Array.from({ length: senders }, () => this.#send()));
  }

  async rest(): Promise<void> {
    this.#resting = true;
    await this.#running;
  }

  /** One order of somebody, to see it come through. */
  async probe(member: string): Promise<string> {
    const touchpoint = this.#order(member);
    await this.#insist('web_shop', [touchpoint]);
    return touchpoint.messageId;
  }

  async #send(): Promise<void> {
    let before: readonly object[] = [];
    while (!this.#resting) {
      const { chance } = this;
      const channel = chance.pick(CHANNELS);
      const batch = Array.from({ length: chance.between(5, 40) }, () => {
        const member = `M${chance.below(this.people)}`;
        return channel === 'web_shop' ? this.#order(member) : this.#view(member);
      });
      await this.#insist(channel, batch);
      // A producer that was answered, and does not know it, sends all of it again.
      if (channel === 'web_shop') {
        if (chance.happens(0.2)) await this.#insist(channel, [...before]);
        before = batch;
      }
      await sleep(chance.between(50, 250));
    }
  }

  #order(member: string) {
    this.#share(member).orders += 1;
    return order(this.#id('o'), this.#at(), { member_no: member }, '10.00');
  }

  #view(member: string) {
    this.#share(member).views += 1;
    return view(this.#id('v'), this.#at(), { member_no: member });
  }

  #share(member: string): Share {
    const share = this.shares.get(member) ?? { orders: 0, views: 0 };
    this.shares.set(member, share);
    return share;
  }

  #id(kind: string): string {
    const id = `${kind}-${++this.#last}`;
    this.ids.add(id);
    return id;
  }

  #at(): string {
    return new Date(START_MS + this.#last * 1_000).toISOString();
  }

  async #insist(channel: string, batch: readonly object[]): Promise<void> {
    if (batch.length === 0) return;
    const body = JSON.stringify(batch);
    while (!(await this.#post(channel, body, batch.length))) await sleep(AGAIN_MS);
  }

  async #post(channel: string, body: string, count: number): Promise<boolean> {
    try {
      const response = await fetch(`${this.url()}/v1/touchpoints?channel=${channel}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${this.key}` },
        body,
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      const text = await response.text();
      if (response.status === 503 || response.status === 429) return false;
      if (response.status !== 200 || (JSON.parse(text) as { accepted: number }).accepted !== count)
        this.problems.push(`a batch was answered ${response.status} ${text.slice(0, 200)}`);
      return true;
    } catch {
      return false;
    }
  }
}
