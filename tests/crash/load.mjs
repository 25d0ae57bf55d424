import { gzipSync } from 'node:zlib';
import { guestTouchpoint, nativeChannels, nativeTouchpoint, segmentChannel, segmentTouchpoint } from './people.mjs';

const ANSWER_MS = 60_000;
const BATCH = 80;
const PAUSE_MS = 80;

/** Posts JSON; `null` when no answer came: then nobody knows whether it came in. */
export const post = async (url, body, headers = {}) => {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    return { status: response.status, body: await response.json() };
  } catch {
    return null;
  }
};

/** Live producers: several at once, each sends a batch, waits for its answer, and sends the next. */
export class Load {
  #stopping = false;
  #last = 0;
  problems = [];

  /** `people()`: whom anything may still be sent about. */
  constructor({ url, keys, oracle, chance, people, guests }) {
    Object.assign(this, { url, keys, oracle, chance, people, guests });
  }

  /** Runs until `stop`, or until the server is gone. */
  start(senders) {
    this.#stopping = false;
    this.running = Promise.all(Array.from({ length: senders }, () => this.#send()));
  }

  async stop() {
    this.#stopping = true;
    await this.running;
  }

  async #send() {
    while (!this.#stopping) {
      const channel = this.chance.pick([...nativeChannels, segmentChannel]);
      await (channel === segmentChannel
        ? this.segment(this.#batch(channel))
        : this.native(channel, this.#batch(channel)));
      await new Promise((resolve) => setTimeout(resolve, this.chance.below(PAUSE_MS)));
    }
  }

  #batch(channel) {
    const { chance, oracle } = this;
    const batch = oracle.retries(channel, 200);
    const people = this.people();
    for (let n = chance.between(1, BATCH); n > 0; n--) {
      const messageId = `${channel}-${++this.#last}`;
      const isGuest = chance.happens(0.15) && (channel === 'web_shop' || channel === 'call_centre');
      batch.push(
        channel === segmentChannel
          ? segmentTouchpoint(chance.pick(people), messageId, chance)
          : isGuest
            ? guestTouchpoint(chance.pick(this.guests), channel, messageId, chance)
            : nativeTouchpoint(chance.pick(people), channel, messageId, chance),
      );
    }
    // A producer's own repeats: within the batch, and of something from long ago.
    if (chance.happens(0.3)) batch.push(chance.pick(batch));
    if (chance.happens(0.3)) {
      const again = oracle.repeat(channel, chance);
      if (again) batch.push(again);
    }
    return chance.shuffle(batch);
  }

  /** Answers whether an answer came. */
  async native(channel, batch) {
    const { chance, oracle } = this;
    oracle.sending(batch);
    const bodies = batch.map(({ body }) => body);
    // What cannot be understood takes nothing beside it with it.
    const bad = chance.happens(0.1) ? [{ type: 'order_placed', messageId: 'bad', occurredAt: 'soon' }] : [];
    const text = JSON.stringify([...bodies, ...bad]);
    const isZipped = chance.happens(0.2);
    const answer = await post(`${this.url}/v1/touchpoints`, isZipped ? gzipSync(text) : text, {
      authorization: `Bearer ${this.keys[channel]}`,
      ...(isZipped ? { 'content-encoding': 'gzip' } : {}),
    });
    return this.#settle(
      batch,
      answer,
      ({ accepted, rejected }) => accepted === batch.length && rejected === bad.length,
    );
  }

  async segment(batch) {
    const { chance, oracle } = this;
    oracle.sending(batch);
    const bodies = batch.map(({ body }) => body);
    const marker = chance.happens(0.2) ? `unreadable-${++this.#last}` : null;
    if (marker !== null) bodies.push({ type: 'track', messageId: marker, userId: 'x' });
    const answer = await post(`${this.url}/v1/batch`, JSON.stringify({ batch: bodies }), {
      authorization: `Basic ${Buffer.from(`${this.keys[segmentChannel]}:`).toString('base64')}`,
    });
    const isKept = this.#settle(
      batch,
      answer,
      ({ accepted, quarantined }) => accepted === batch.length && quarantined === (marker === null ? 0 : 1),
    );
    if (answer?.status === 200 && marker !== null) oracle.quarantined.add(marker);
    return isKept;
  }

  #settle(batch, answer, isRight) {
    const { oracle, chance } = this;
    if (answer === null || answer.status === 503 || answer.status === 429) {
      oracle.inDoubt(batch, chance);
      // The server is gone: what is sent now is not even in doubt, so wait for the next round.
      if (answer === null) this.#stopping = true;
      return false;
    }
    if (answer.status !== 200 || !isRight(answer.body))
      this.problems.push(`a batch was answered ${answer.status} ${JSON.stringify(answer.body).slice(0, 300)}`);
    else oracle.acknowledged(batch, chance);
    return true;
  }

  /** Sends again whatever is in doubt until nothing is. */
  async clearDoubts() {
    this.oracle.reopen();
    for (const channel of [...nativeChannels, segmentChannel])
      for (let batch = this.oracle.retries(channel, 500); batch.length > 0; batch = this.oracle.retries(channel, 500))
        await (channel === segmentChannel ? this.segment(batch) : this.native(channel, batch));
  }
}
