/**
 * What the test knows apart from the platform: what it has sent, and what of that was acknowledged. A touchpoint whose
 * answer was lost is in doubt: it may have come in or not, once at most, until it is sent again and acknowledged.
 */
export class Oracle {
  /** channel\0messageId → whether it was acknowledged. */
  #sent = new Map();
  #acked = 0;
  /** Sent, and no answer came: to be sent again. */
  #doubts = [];
  /** In doubt, and left so until the end. */
  #abandoned = [];
  /** Texts of what the Segment door said it set aside. */
  quarantined = new Set();
  #some = [];

  static key = ({ channel, messageId }) => `${channel}\0${messageId}`;

  sending(touchpoints) {
    for (const touchpoint of touchpoints) {
      const key = Oracle.key(touchpoint);
      if (!this.#sent.has(key)) this.#sent.set(key, false);
    }
  }

  acknowledged(touchpoints, chance) {
    for (const touchpoint of touchpoints) {
      const key = Oracle.key(touchpoint);
      if (!this.#sent.get(key)) this.#acked += 1;
      this.#sent.set(key, true);
      // Some are kept, to be sent once more much later.
      if (chance?.happens(0.02)) this.#some.push(touchpoint);
    }
  }

  /** The answer was lost. One in ten is left in doubt, so that "at most once" is seen, too. */
  inDoubt(touchpoints, chance) {
    for (const touchpoint of touchpoints)
      if (!this.#sent.get(Oracle.key(touchpoint)))
        (chance.happens(0.1) ? this.#abandoned : this.#doubts).push(touchpoint);
  }

  /** What a producer sends again, at most `n` of one channel. */
  retries(channel, n) {
    const taken = [];
    const rest = [];
    for (const touchpoint of this.#doubts)
      (touchpoint.channel === channel && taken.length < n ? taken : rest).push(touchpoint);
    this.#doubts = rest;
    return taken;
  }

  /** Something acknowledged long ago, to be sent again. */
  repeat(channel, chance) {
    const found = chance.pick(this.#some);
    return found?.channel === channel ? found : undefined;
  }

  /** At the end nothing is left in doubt. */
  reopen() {
    this.#doubts.push(...this.#abandoned.splice(0));
  }

  isInDoubtAbout(person) {
    return [...this.#doubts, ...this.#abandoned].some(({ about }) => about === person);
  }

  get doubts() {
    return this.#doubts.length + this.#abandoned.length;
  }
  get acked() {
    return this.#acked;
  }
  get sent() {
    return this.#sent.size;
  }
  /** `undefined`: never sent. */
  wasAcked(key) {
    return this.#sent.get(key);
  }
  keys() {
    return this.#sent.entries();
  }
}
