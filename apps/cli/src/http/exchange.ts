import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';

export interface Request {
  readonly method: 'GET' | 'POST';
  /** With its query. */
  readonly path: string;
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Silence after which the server counts as away; absent: an answer may take as long as it likes. */
  readonly timeout_ms?: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** One request, one answer, over kept-alive connections. A failure to get an answer at all is thrown as Node throws it. */
export interface Exchange {
  send(request: Request): Promise<Answer>;
  /** Resolves when the answer begins; for answers that are too large to hold. */
  stream(request: Request): Promise<IncomingMessage>;
  close(): void;
}

/** The token of today, where a server makes another at each start; `undefined`: there is none. */
export type NewToken = () => string | undefined;

/** More than this at once wait for a connection. */
const CONNECTIONS = 8;

/**
 * `node:http` and not `fetch`: a rebuild may take longer to answer than the five minutes after which `fetch` gives up.
 */
export const openExchange = (baseUrl: string, token: string | null, newToken?: NewToken): Exchange => {
  const isTls = baseUrl.startsWith('https:');
  const agent = new (isTls ? TlsAgent : Agent)({ keepAlive: true, maxSockets: CONNECTIONS });
  let current = token;

  const stream = ({ method, path, body, headers, signal, timeout_ms }: Request): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const length: Record<string, number> = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
      const outgoing = (isTls ? tlsRequest : request)(new URL(baseUrl.replace(/\/+$/, '') + path), {
        agent,
        method,
        headers: { ...(current === null ? {} : { authorization: `Bearer ${current}` }), ...length, ...headers },
        ...(signal ? { signal } : {}),
        ...(timeout_ms === undefined ? {} : { timeout: timeout_ms }),
      });
      outgoing.once('timeout', () =>
        outgoing.destroy(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' })),
      );
      outgoing.once('response', resolve);
      outgoing.once('error', reject);
      outgoing.end(body);
    });

  const sendOnce = async (asked: Request): Promise<Answer> => {
    const incoming = await stream(asked);
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    return {
      status: incoming.statusCode ?? 0,
      headers: incoming.headers,
      text: Buffer.concat(chunks).toString('utf8'),
    };
  };

  return {
    stream,
    send: async (asked) => {
      const sent = current;
      const answer = await sendOnce(asked);
      if (answer.status !== 401 || asked.headers?.['authorization'] !== undefined) return answer;
      // Another request may have asked for it meanwhile.
      if (current === sent) current = newToken?.() ?? current;
      return current === sent ? answer : sendOnce(asked);
    },
    close: () => agent.destroy(),
  };
};
