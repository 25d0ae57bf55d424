import { type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Fault } from './proxy.js';

const SLICE_MS = 50;
/** On its way through us, each direction; more waits with its sender. */
const HELD_BYTES = 1024 * 1024;

/** A client's connection, and ours to the server for it. */
export class Pair {
  #fault: Fault | undefined;
  /** The client's requests go nowhere any more. */
  #isDeaf = false;
  /** The server's answers go nowhere any more. */
  #isMute = false;
  #lossEnds: NodeJS.Timeout | undefined;

  constructor(
    readonly name: string,
    readonly client: Socket,
    readonly server: Socket,
  ) {
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
    }
  }

  begin(first?: Buffer): void {
    const { client, server } = this;
    const toServer = this.#way(server, () => this.#isDeaf);
    const toClient = this.#way(client, () => this.#isMute);
    client.on('data', (bytes: Buffer) => toServer(bytes, client));
    server.on('data', (bytes: Buffer) => toClient(bytes, server));
    client.on('close', () => server.destroy());
    // A half-open connection does not learn that its other end is gone.
    server.on('close', () => {
      if (!this.#isMute) client.destroy();
    });
    if (first) toServer(first, client);
    client.resume();
  }

  suffer(fault: Fault, isStanding: boolean): void {
    this.#fault = fault;
    if (fault.type === 'cut') this.#end();
    if (fault.type === 'halfOpen') this.#isDeaf = this.#isMute = true;
    if (fault.type === 'reset') this.#later(isStanding ? 0 : fault.after_ms, () => this.reset());
    if (fault.type === 'lostAnswer')
      this.#later(isStanding ? 0 : fault.after_ms, () => {
        this.#isMute = true;
        this.#later(fault.lost_ms, () => this.reset());
      });
  }

  heal(): void {
    if (this.#fault?.type !== 'lostAnswer') clearTimeout(this.#lossEnds);
    this.#fault = undefined;
  }

  reset(): void {
    clearTimeout(this.#lossEnds);
    this.client.resetAndDestroy();
    this.server.destroy();
  }

  #end(): void {
    this.client.destroy();
    this.server.destroy();
  }

  #later(after_ms: number, act: () => void): void {
    clearTimeout(this.#lossEnds);
    this.#lossEnds = setTimeout(() => {
      if (!this.client.destroyed) act();
    }, after_ms).unref();
  }

  /** One direction; what comes later waits for what came before, and the sender waits when much is on its way. */
  #way(to: Socket, isLost: () => boolean): (bytes: Buffer, from: Socket) => void {
    let turn: Promise<void> | undefined;
    let held_bytes = 0;
    return (bytes, from) => {
      if (isLost()) return;
      const fault = this.#fault;
      if (!turn && fault?.type !== 'latency' && fault?.type !== 'slow') {
        if (!to.write(bytes)) this.#pauseUntilDrained(from, to);
        return;
      }
      held_bytes += bytes.length;
      if (held_bytes > HELD_BYTES) from.pause();
      const due_ms = performance.now() + (fault?.type === 'latency' ? fault.delay_ms : 0);
      const mine = (turn ?? Promise.resolve())
        .then(() => this.#hold(bytes, to, due_ms, isLost))
        .finally(() => {
          held_bytes -= bytes.length;
          if (held_bytes <= HELD_BYTES) from.resume();
          if (turn === mine) turn = undefined;
        });
      turn = mine;
    };
  }

  #pauseUntilDrained(from: Socket, to: Socket): void {
    from.pause();
    to.once('drain', () => from.resume());
  }

  async #hold(bytes: Buffer, to: Socket, due_ms: number, isLost: () => boolean): Promise<void> {
    const early_ms = due_ms - performance.now();
    if (early_ms > 0) await sleep(early_ms);
    for (let at = 0; at < bytes.length;) {
      if (isLost() || to.destroyed) return;
      const fault = this.#fault;
      const slice = fault?.type === 'slow' ? Math.ceil((fault.rate_bytes_per_s * SLICE_MS) / 1_000) : bytes.length;
      to.write(bytes.subarray(at, at + slice));
      at += slice;
      if (fault?.type === 'slow') await sleep(SLICE_MS);
    }
  }
}
