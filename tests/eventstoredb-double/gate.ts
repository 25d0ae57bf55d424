import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePort } from '../../infra/local/free-port.mjs';

/** Stands before the server on the port that clients know, and does to their connections what networks do. */
export class Gate {
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  readonly #deaf = new WeakSet<Socket>();
  #server: Server | undefined;
  #port = 0;
  #frozen = false;

  constructor(readonly target: () => number) {}

  get port(): number {
    return this.#port;
  }

  async open(): Promise<void> {
    const server = createServer((client) => this.#join(client));
    this.#server = server;
    this.#port ||= await freePort();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#port, '127.0.0.1', resolve);
    });
  }

  #join(client: Socket): void {
    const server = connect(this.target(), '127.0.0.1');
    const pair = [client, server] as const;
    this.#pairs.add(pair);
    for (const [from, to] of [pair, [server, client] as const]) {
      from.setNoDelay(true);
      from.on('data', (bytes) => {
        if (!this.#frozen && !this.#deaf.has(from) && !to.write(bytes)) from.pause();
      });
      to.on('drain', () => from.resume());
      from.on('error', () => undefined);
      from.on('close', () => {
        to.destroy();
        this.#pairs.delete(pair);
      });
    }
  }

  /** Cuts every connection; new ones are taken. */
  cut(): void {
    for (const [client] of this.#pairs) client.resetAndDestroy();
  }

  /** Half-open: connections stay, and new ones are made, but no byte passes. */
  freeze(frozen = true): void {
    this.#frozen = frozen;
    // What was swallowed is missing from these connections for ever.
    if (!frozen) this.cut();
  }

  /** Those that stand are half-open for ever; new ones are well. */
  freezeStanding(): void {
    for (const pair of this.#pairs) for (const socket of pair) this.#deaf.add(socket);
  }

  /** Connections are refused, until `open`. */
  async close(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    const closed = new Promise((resolve) => server.close(resolve));
    this.cut();
    await closed;
  }
}
