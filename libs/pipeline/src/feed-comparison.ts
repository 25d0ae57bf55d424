import { type Log, type StoredRecord } from '@tributary/kernel';
import { FEED_TOPIC, type FeedMessage, feedText } from './feed-messages.js';
import { differentFrom, equalTo, notCompared, type ProjectionReport } from './projection-report.js';

const AT = { topic: FEED_TOPIC, partition: 0 };
const SCAN = 1_000;
/** Of messages that were made again before they were sent; some tens of megabytes. */
const MOST_UNSENT = 100_000;

/** Holds rebuilt messages against what was sent, as they come; where the feed's retention dropped the beginning, not at all. */
export class FeedComparison {
  readonly #log: Log;
  /** Whoever sends them may be behind the events. */
  #unsent: FeedMessage[] = [];
  #offset = 0;
  #rows = 0;
  #first: string | null = null;
  /** The first of them, where there were more than are kept. */
  #dropped: FeedMessage | null = null;
  #whyNot: string | null = null;

  constructor(log: Log) {
    this.#log = log;
  }

  async compare(messages: readonly FeedMessage[]): Promise<void> {
    if (this.#isDecided) return;
    const made = [...this.#unsent, ...messages];
    let at = 0;
    while (at < made.length && !this.#isDecided) {
      const sent = await this.#log.read(AT, this.#offset, Math.min(SCAN, made.length - at));
      if (sent.length === 0) break;
      at = this.#hold(made, at, sent);
    }
    this.#unsent = this.#isDecided ? [] : made.slice(at);
    if (this.#unsent.length <= MOST_UNSENT) return;
    this.#dropped = this.#unsent.find(({ untold }) => !untold) ?? null;
    this.#unsent = [];
    this.#whyNot = 'it was too far behind the events';
  }

  /** To be asked when all that is to be sent was. */
  async report(): Promise<ProjectionReport> {
    await this.compare([]);
    // Whoever was far behind has sent it by now; where it is not there it was lost, or never sent.
    if (this.#dropped && (await this.#log.read(AT, this.#offset, 1)).length === 0)
      return differentFrom(FEED_TOPIC, this.#rows, `first message ${this.#dropped.id} was not sent`);
    const missing = this.#unsent.find(({ untold }) => !untold);
    if (missing) this.#first ??= `message ${missing.id} was not sent`;
    if (this.#whyNot !== null) return notCompared(FEED_TOPIC, this.#rows, this.#whyNot);
    if (this.#first !== null) return differentFrom(FEED_TOPIC, this.#rows, `first ${this.#first}`);
    const [range] = await this.#log.partitions(FEED_TOPIC);
    const rest = (range?.end ?? 0) - this.#offset;
    return rest === 0
      ? equalTo(FEED_TOPIC, this.#rows)
      : differentFrom(FEED_TOPIC, this.#rows, `${rest} more were sent`);
  }

  get #isDecided(): boolean {
    return this.#whyNot !== null || this.#first !== null;
  }

  /** Answers up to where it came in what was made. */
  #hold(made: readonly FeedMessage[], from: number, sent: readonly StoredRecord[]): number {
    let at = from;
    for (const { offset, value } of sent) {
      const text = new TextDecoder().decode(value);
      while (made[at]?.untold && made[at]?.id !== idOf(text)) at += 1;
      const message = made[at];
      if (!message) break;
      if (this.#rows === 0 && offset > 0) this.#whyNot = 'its retention dropped the beginning';
      else if (!alike(text, message)) this.#first = `message ${message.id}`;
      this.#rows += 1;
      this.#offset = offset + 1;
      at += 1;
      if (this.#isDecided) break;
    }
    return at;
  }
}

const idOf = (sent: string): string => (JSON.parse(sent) as FeedMessage).id;

const alike = (sent: string, rebuilt: FeedMessage): boolean => {
  if (!rebuilt.partial) return sent === feedText(rebuilt) || sent === feedText(asDecided(rebuilt));
  const { id, type, sequence } = JSON.parse(sent) as FeedMessage;
  return id === rebuilt.id && type === rebuilt.type && sequence === rebuilt.sequence;
};

/** As versions told it that went by the decision alone. */
const asDecided = (message: FeedMessage): FeedMessage =>
  message.decidedAbsorbed ? { ...message, data: { ...message.data, absorbed: message.decidedAbsorbed } } : message;
