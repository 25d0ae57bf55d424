import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { Pair } from './proxy-pair.js';

/** What a network does to connections, for as long as it is set. */
export type Fault =
  | { readonly type: 'latency'; readonly delay_ms: number }
  /** Standing connections end, new ones are refused. */
  | { readonly type: 'cut' }
  /** Connections are reset, new ones a moment after they are made. */
  | { readonly type: 'reset'; readonly after_ms: number }
  /** Everything is taken, nothing is answered. Who stands on such a connection is never told. */
  | { readonly type: 'halfOpen' }
  | { readonly type: 'slow'; readonly rate_bytes_per_s: number }
  /** Requests arrive and are carried out; their answers do not come, and then the connection is reset. */
  | { readonly type: 'lostAnswer'; readonly after_ms: number; readonly lost_ms: number };

export const faultTypes = ['latency', 'cut', 'reset', 'halfOpen', 'slow', 'lostAnswer'] as const;

export interface FaultProxyOptions {
  readonly target: () => number;
  /** 0: any free port. */
  readonly port?: number;
  /** Whose connection it is, from its first bytes, where one port serves several. */
  readonly nameOf?: (first: Buffer) => string;
}

const EVERYBODY = '';

/** Stands between apps and one engine. */
export class FaultProxy {
  readonly #pairs = new Set<Pair>();
  readonly #faults = new Map<string, Fault>();
  readonly #server: Server;

  private constructor(readonly options: FaultProxyOptions) {
    this.#server = createServer((client) => void this.#join(client));
  }

  static async open(options: FaultProxyOptions): Promise<FaultProxy> {
    const proxy = new FaultProxy(options);
    proxy.#server.listen(options.port ?? 0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  /** How many connections `name` has. */
  connections(name = EVERYBODY): number {
    return [...this.#pairs].filter((pair) => pair.name === name).length;
  }

  begin(fault: Fault, name = EVERYBODY): void {
    this.#faults.set(name, fault);
    for (const pair of this.#pairs) if (pair.name === name) pair.suffer(fault, true);
  }

  /** New connections are well. Those that lost bytes are not: they are cut or stay half-open, as `begin` said. */
  heal(name = EVERYBODY): void {
    this.#faults.delete(name);
    for (const pair of this.#pairs) if (pair.name === name) pair.heal();
  }

  async close(): Promise<void> {
    for (const pair of this.#pairs) pair.reset();
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
  }

  async #join(client: Socket): Promise<void> {
    client.on('error', () => undefined);
    const { nameOf, target } = this.options;
    let first: Buffer | undefined;
    if (nameOf) {
      first = await new Promise<Buffer | undefined>((resolve) => {
        client.once('data', (bytes: Buffer) => {
          client.pause();
          resolve(bytes);
        });
        client.once('close', () => resolve(undefined));
      });
      if (!first) return;
    }
    const name = first && nameOf ? nameOf(first) : EVERYBODY;
    const pair = new Pair(name, client, connect(target(), '127.0.0.1'));
    this.#pairs.add(pair);
    client.once('close', () => this.#pairs.delete(pair));
    if (client.destroyed) this.#pairs.delete(pair);
    const fault = this.#faults.get(name);
    if (fault) pair.suffer(fault, false);
    pair.begin(first);
  }
}

const HEADER_BYTES = 14;

/** Who sent a request of Kafka's protocol: each names its client. */
export const kafkaClientOf = (request: Buffer): string => {
  if (request.length < HEADER_BYTES) return EVERYBODY;
  const length = request.readInt16BE(12);
  return length <= 0 ? EVERYBODY : request.toString('utf8', HEADER_BYTES, HEADER_BYTES + length);
};
