import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import { type AnalystLimits, defaultLimits } from './analyst-settings.js';
import { answerQuestion, type Questioned } from './answer-question.js';
import { type Credentials, credentialsOf } from './credentials.js';
import { failureTold } from './failure-told.js';
import { Refused } from './refused.js';
import { requestHeader } from './request-header.js';
import { sendException } from './send-answer.js';
import { type StatementGuard } from './statement-guard.js';
import { UnderWay } from './under-way.js';

export interface ServingOptions {
  readonly warehouse: Questioned['warehouse'] & { readonly version: string };
  /**
   * Whether who asks may; `credentials.absent`: nothing was said. A text names him, as the operator knows him: whose question
   * cannot be ended is answered nothing else until it has.
   */
  authorize(credentials: Credentials, request: IncomingMessage): boolean | string | Promise<boolean | string>;
  /** Refuses requests that a web page may have sent (Host and Origin); absent: all pass. */
  readonly accepts?: (request: IncomingMessage) => boolean;
  readonly limits?: Partial<AnalystLimits>;
  /** Requests under way at once (32 unless told); beyond it 503, code 202. */
  readonly maxRequests?: number;
  /** A client that takes nothing of its answer for so long is hung up on (a minute unless told). */
  readonly stalled_ms?: number;
  /** Told of each answered query; never its text. */
  readonly onQuery?: (query: AnsweredQuery) => void;
}

export interface AnsweredQuery {
  readonly queryId: string;
  readonly user: string;
  /** ClickHouse's code of the exception; 0: none. */
  readonly code: number;
  readonly elapsed_ms: number;
  readonly bytes: number;
}

/** What becomes of a request: what asks nothing is answered at once, a question within bounds and by whoever may ask. */
export const serveRequests = (options: ServingOptions, guard: StatementGuard) => {
  const { warehouse, maxRequests = 32, stalled_ms = 60_000 } = options;
  const limits: AnalystLimits = { ...defaultLimits, ...options.limits };
  const questioned: Questioned = { warehouse, limits, guard, underWay: new UnderWay(), stalled_ms };
  let requests = 0;

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (answerUnasked(options, request, response, url)) return;
    const query = url.searchParams;
    const asked = query.get('query_id') ?? requestHeader(request, 'x-clickhouse-query-id') ?? '';
    const head = { queryId: /^[\w.:-]{1,100}$/.test(asked) ? asked : randomUUID(), began_ms: performance.now() };
    const credentials = credentialsOf(request, query);
    let code = 0;
    let bytes = 0;
    requests++;
    try {
      if (requests > maxRequests)
        throw new Refused(
          202,
          'TOO_MANY_SIMULTANEOUS_QUERIES',
          'Too many simultaneous queries; try again in a second.',
        );
      const authorized = await options.authorize(credentials, request);
      if (authorized === false) throw notAuthorized(credentials);
      const asker = authorized === true ? undefined : authorized;
      bytes = await answerQuestion(questioned, request, response, query, { ...head, credentials, asker });
    } catch (error) {
      const failure = failureTold(error);
      code = failure.code;
      if (response.headersSent) {
        // The answer is cut off where it is, so that nobody takes it for whole.
        response.destroy();
      } else {
        if (!request.complete) response.setHeader('Connection', 'close');
        sendException(response, head, { ...failure, version: warehouse.version });
      }
    } finally {
      requests--;
      const { queryId, began_ms } = head;
      const elapsed_ms = performance.now() - began_ms;
      options.onQuery?.({ queryId, user: credentials.user, code, elapsed_ms, bytes });
    }
  };
};

const methods: readonly string[] = ['GET', 'HEAD', 'POST'];

/** Answers what is no question, or must not be one, in plain text as this interface has it; `false`: it is a question. */
const answerUnasked = (
  { accepts }: ServingOptions,
  request: IncomingMessage,
  response: ServerResponse,
  { pathname, searchParams }: URL,
): boolean => {
  const plain = (status: number, text: string, headers: OutgoingHttpHeaders = {}): true => {
    response.writeHead(status, {
      'Content-Type': 'text/plain; charset=UTF-8',
      'X-ClickHouse-Server-Display-Name': 'tributary',
      'X-Content-Type-Options': 'nosniff',
      ...headers,
    });
    response.end(text);
    return true;
  };
  if (accepts && !accepts(request)) return plain(403, 'This request is not from here.\n');
  const isPing = pathname === '/ping' || pathname === '/replicas_status';
  if (!isPing && pathname !== '/') return plain(404, `There is no handle ${pathname.slice(0, 80)}; ask / or /ping.\n`);
  const { method = '' } = request;
  if (!methods.includes(method) && !(isPing && method === 'OPTIONS'))
    return plain(405, 'GET or POST.\n', { Allow: methods.join(', ') });
  if (isPing || (method !== 'POST' && !searchParams.has('query'))) return plain(200, 'Ok.\n');
  return false;
};

const notAuthorized = ({ absent, user }: Credentials): Refused =>
  absent
    ? new Refused(194, 'REQUIRED_PASSWORD', 'Authentication is required: a user and a key.')
    : new Refused(
        516,
        'AUTHENTICATION_FAILED',
        `${user.slice(0, 80)}: Authentication failed: the key is wrong, or may not ask.`,
      );
