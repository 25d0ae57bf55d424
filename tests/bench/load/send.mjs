import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Where pressure is answered (429, 503) without a Retry-After. */
const RETRY_MS = 100;

/**
 * One kept-alive connection, one request at a time. Written on sockets: an HTTP client would cost as much as the server
 * that is measured, on the same cores.
 */
class Connection {
  #waiting;
  #received = '';

  static async open(port) {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    return new Connection(socket);
  }

  constructor(socket) {
    this.socket = socket;
    socket.on('data', (chunk) => this.#take(chunk));
    const gone = (error) => this.#waiting?.reject(error ?? new Error('the server closed a connection'));
    socket.on('error', gone);
    socket.on('close', () => gone());
  }

  /** Sends until it is taken; answers how often it was told to wait. */
  async deliver(bytes) {
    for (let waits = 0; ; waits++) {
      const { status, head, body } = await this.#exchange(bytes);
      if (status === 200 && !/"rejected":[1-9]/.test(body)) return waits;
      if (status !== 429 && status !== 503) throw new Error(`a request was answered ${status}: ${body.slice(0, 400)}`);
      const after_s = Number(/retry-after: (\d+)/i.exec(head)?.[1] ?? NaN);
      await sleep(Number.isNaN(after_s) ? RETRY_MS : after_s * 1_000);
    }
  }

  #exchange(bytes) {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.socket.write(bytes);
    });
  }

  #take(chunk) {
    this.#received += chunk.toString('latin1');
    const end = this.#received.indexOf('\r\n\r\n');
    if (end < 0) return;
    const head = this.#received.slice(0, end);
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (this.#received.length < end + 4 + length) return;
    const body = this.#received.slice(end + 4, end + 4 + length);
    this.#received = '';
    this.#waiting.resolve({ status: Number(head.slice(9, 12)), head, body });
  }

  close() {
    this.socket.destroy();
  }
}

/**
 * Sends every request over so many connections, each as fast as it is answered, or all together at `perSecond`
 * touchpoints. Resolves when the last is answered with 200; rejects at the first that is refused for what it says.
 */
export const sendAll = async (requests, { port, connections, perSecond, until = () => false }) => {
  const opened = await Promise.all(Array.from({ length: connections }, () => Connection.open(port)));
  const began = performance.now();
  const cpuBefore = process.cpuUsage();
  let next = 0;
  let sent = 0;
  let waits = 0;
  const run = async (connection) => {
    while (next < requests.length && !until()) {
      const { bytes, count } = requests[next++];
      const due_ms = perSecond === undefined ? 0 : (sent / perSecond) * 1_000 - (performance.now() - began);
      sent += count;
      if (due_ms > 1) await sleep(due_ms);
      waits += await connection.deliver(bytes);
    }
  };
  try {
    await Promise.all(opened.map(run));
  } finally {
    for (const connection of opened) connection.close();
  }
  const { user, system } = process.cpuUsage(cpuBefore);
  return { began, seconds: (performance.now() - began) / 1_000, sent, waits, cpu_s: (user + system) / 1e6 };
};
