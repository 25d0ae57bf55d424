import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type Admin, type Consumer, type ISocketFactory, type Producer, type RequestTimeoutEvent } from 'kafkajs';

const KEEP_ALIVE_MS = 30_000;

/**
 * The client goes on using a connection on which a request was never answered, so that a broker that vanished without a
 * word (a pulled cable, a frozen machine) stays "connected" until the system gives up, a quarter of an hour later. Here
 * such a connection is ended at its first silence; the client then makes a new one.
 */
export class Sockets {
  readonly #open = new Map<Socket, string>();

  readonly open: ISocketFactory = ({ host, port, ssl, onConnect }) => {
    const name = isIP(host) ? {} : { servername: host };
    const socket = ssl ? connectTls({ host, port, ...name, ...ssl }, onConnect) : connect({ host, port }, onConnect);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    // While a broker is away the client says goodbye to the same dead socket again and again, and Node warns of a leak.
    socket.setMaxListeners(0);
    this.#open.set(socket, `${host}:${port}`);
    socket.once('close', () => this.#open.delete(socket));
    return socket;
  };

  endSilent(client: Admin | Consumer | Producer): void {
    // One client's three kinds have three names for the same event.
    const event = client.events.REQUEST_TIMEOUT as 'consumer.network.request_timeout';
    (client as Consumer).on(event, ({ payload }: RequestTimeoutEvent) => this.#end(payload.broker));
  }

  /** The client forgets a connection now and then (two calls that connect to one broker at once): none is left open. */
  endAll(): void {
    for (const socket of this.#open.keys()) socket.destroy();
  }

  #end(broker: string): void {
    for (const [socket, to] of this.#open)
      if (to === broker) socket.destroy(new Error(`${broker} did not answer in time`));
  }
}
