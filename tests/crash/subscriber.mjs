import { request } from 'node:http';

/**
 * A downstream service: follows the feed from its beginning, and goes on with `Last-Event-ID` wherever the connection
 * broke. Keeps what it was given, in order.
 */
export class Subscriber {
  /** `{ position, id, customer, sequence }` of each event, as received. */
  received = [];
  resumed = 0;
  #lastEventId = null;
  #stopped = false;
  #request = null;

  constructor(url) {
    this.url = url;
    this.done = this.#follow();
  }

  stop() {
    this.#stopped = true;
    this.#request?.destroy();
    return this.done;
  }

  async #follow() {
    while (!this.#stopped) {
      await this.#connect().catch(() => {});
      if (!this.#stopped) await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  #connect() {
    return new Promise((resolve, reject) => {
      const headers = this.#lastEventId === null ? {} : { 'last-event-id': this.#lastEventId };
      const outgoing = request(`${this.url}/v1/profile-events?from=beginning`, { headers });
      this.#request = outgoing;
      outgoing.once('error', reject);
      outgoing.once('close', resolve);
      outgoing.once('response', (incoming) => {
        if (incoming.statusCode !== 200) return void outgoing.destroy();
        if (this.#lastEventId !== null) this.resumed += 1;
        incoming.setEncoding('utf8');
        incoming.once('error', () => {});
        let text = '';
        incoming.on('data', (chunk) => {
          text += chunk;
          // An event counts when the empty line after it has come; what was cut off comes again.
          for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
            this.#take(text.slice(0, end));
            text = text.slice(end + 2);
          }
        });
      });
      outgoing.end();
    });
  }

  #take(block) {
    const fields = Object.fromEntries(
      block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
    );
    if (fields.id !== undefined) this.#lastEventId = fields.id;
    if (fields.data === undefined) return;
    const { id, subject: customer, sequence } = JSON.parse(fields.data);
    this.received.push({ position: fields.id, id, customer, sequence: Number(sequence) });
  }
}
