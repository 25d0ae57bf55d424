import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { type Warehouse } from '@tributary/kernel';
import { type AnalystDoor } from '../chdb/chdb-warehouse.js';
import { DATABASE } from '../chdb/engine-config.js';
import { type Question } from '../chdb/protocol.js';
import { paramText } from '../chdb/statement-text.js';
import { StatementFailed } from '../warehouse-errors.js';
import { analystSettings, type AnalystLimits, defaultLimits } from './analyst-settings.js';
import { sendBytes, sendException } from './answer.js';
import { type Credentials, credentialsOf } from './credentials.js';
import { comesInPieces } from './format-in-pieces.js';
import { nativeOfRevision } from './native/native-of-revision.js';
import { ownStatementOf } from './own-statement.js';
import { bodyOf } from './request-body.js';
import { Refused, refusedFormat, type StatementGuard, statementGuard } from './statement-guard.js';
import { UnderWay } from './under-way.js';

export interface SqlListenerOptions {
  readonly warehouse: Warehouse & AnalystDoor & { readonly version: string };
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Whether who asks may; `credentials.absent`: nothing was said. */
  authorize(credentials: Credentials, request: IncomingMessage): boolean | Promise<boolean>;
  /** Refuses requests that a web page may have sent (Host and Origin); absent: all pass. */
  readonly accepts?: (request: IncomingMessage) => boolean;
  readonly limits?: Partial<AnalystLimits>;
  /** Requests under way at once (32 unless told); beyond it 503, code 202. */
  readonly maxRequests?: number;
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

export interface SqlListener {
  readonly host: string;
  readonly port: number;
  close(): Promise<void>;
}

const MAX_QUERY_BYTES = 262_144;
/** Answers under way may end; then the connections are cut. */
const CLOSE_PATIENCE_MS = 2_000;

/**
 * A read-only door that speaks ClickHouse's HTTP interface. Four things keep it read-only: the engine's own parser (one
 * statement, of a kind that changes nothing), the guard for what that lets through, a connection without any grant but
 * to read this database, and `readonly = 1` on it, under limits of time, memory and size.
 */
export const sqlListener = async (options: SqlListenerOptions): Promise<SqlListener> => {
  const { warehouse, maxRequests = 32 } = options;
  const limits: AnalystLimits = { ...defaultLimits, ...options.limits };
  const names = async (table: string): Promise<string[]> =>
    (await warehouse.query<{ name: string }>(`SELECT name FROM system.${table}`)).map(({ name }) => name);
  const guard = statementGuard(await names('table_functions'), await names('functions'));
  const underWay = new UnderWay();
  let requests = 0;

  const server = createServer({ requestTimeout: 30_000 }, (request, response) => {
    response.on('error', () => {});
    handle(
      options,
      { limits, guard, underWay, busy: () => requests >= maxRequests },
      request,
      response,
      (by) => (requests += by),
    ).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const { address, port } = server.address() as AddressInfo;
  return {
    host: address,
    port,
    close: () =>
      new Promise((resolve) => {
        const patience = setTimeout(() => server.closeAllConnections(), CLOSE_PATIENCE_MS);
        server.close(() => {
          clearTimeout(patience);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
};

interface House {
  readonly limits: AnalystLimits;
  readonly guard: StatementGuard;
  readonly underWay: UnderWay;
  busy(): boolean;
}

const plain = (response: ServerResponse, status: number, text: string, headers: OutgoingHttpHeaders = {}): void => {
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=UTF-8',
    'X-ClickHouse-Server-Display-Name': 'tributary',
    'X-Content-Type-Options': 'nosniff',
    ...headers,
  });
  response.end(text);
};

const methods: readonly string[] = ['GET', 'HEAD', 'POST'];

const handle = async (
  options: SqlListenerOptions,
  house: House,
  request: IncomingMessage,
  response: ServerResponse,
  count: (by: 1 | -1) => void,
): Promise<void> => {
  if (options.accepts && !options.accepts(request)) return plain(response, 403, 'This request is not from here.\n');
  const url = new URL(request.url ?? '/', 'http://localhost');
  const isPing = url.pathname === '/ping' || url.pathname === '/replicas_status';
  if (!isPing && url.pathname !== '/')
    return plain(response, 404, `There is no handle ${url.pathname.slice(0, 80)}; ask / or /ping.\n`);
  const { method = '' } = request;
  // Plain text, as this interface has it.
  if (!methods.includes(method) && !(isPing && method === 'OPTIONS'))
    return plain(response, 405, 'GET or POST.\n', { Allow: methods.join(', ') });
  if (isPing) return plain(response, 200, 'Ok.\n');
  if (request.method !== 'POST' && !url.searchParams.has('query')) return plain(response, 200, 'Ok.\n');

  const asked = url.searchParams.get('query_id') ?? header(request, 'x-clickhouse-query-id') ?? '';
  const head = { queryId: /^[\w.:-]{1,100}$/.test(asked) ? asked : randomUUID(), began_ms: performance.now() };
  const credentials = credentialsOf(request, url.searchParams);
  let code = 0;
  let bytes = 0;
  count(1);
  try {
    if (house.busy())
      throw new Refused(202, 'TOO_MANY_SIMULTANEOUS_QUERIES', 'Too many simultaneous queries; try again in a second.');
    if (!(await options.authorize(credentials, request)))
      throw credentials.absent
        ? new Refused(194, 'REQUIRED_PASSWORD', 'Authentication is required: a user and a key.')
        : new Refused(
            516,
            'AUTHENTICATION_FAILED',
            `${credentials.user.slice(0, 80)}: Authentication failed: the key is wrong, or may not ask.`,
          );
    bytes = await answer(options, house, request, response, url.searchParams, { ...head, credentials });
  } catch (error) {
    const failure = told(error);
    code = failure.code;
    if (response.headersSent) {
      // The answer is cut off where it is, so that nobody takes it for whole.
      response.write(`\n${failure.exception}\n`, () => response.destroy());
    } else {
      if (!request.complete) response.setHeader('Connection', 'close');
      sendException(response, head, { ...failure, version: options.warehouse.version });
    }
  } finally {
    count(-1);
    options.onQuery?.({
      queryId: head.queryId,
      user: credentials.user,
      code,
      elapsed_ms: performance.now() - head.began_ms,
      bytes,
    });
  }
};

const told = (error: unknown): { code: number; exception: string } => {
  if (error instanceof Refused)
    return { code: error.code, exception: `Code: ${error.code}. DB::Exception: ${error.message} (${error.type})` };
  if (error instanceof StatementFailed) return { code: error.code, exception: error.exception };
  return { code: 1002, exception: `Code: 1002. DB::Exception: The warehouse cannot answer now. (UNKNOWN_EXCEPTION)` };
};

const answer = async (
  { warehouse }: SqlListenerOptions,
  { guard, limits, underWay }: House,
  request: IncomingMessage,
  response: ServerResponse,
  query: URLSearchParams,
  { credentials, ...head }: { readonly queryId: string; readonly began_ms: number; readonly credentials: Credentials },
): Promise<number> => {
  if (query.get('decompress') === '1')
    throw new Refused(
      48,
      'NOT_IMPLEMENTED',
      "A question in ClickHouse's own compression is not read here; send it as it is, or as gzip (Content-Encoding).",
    );
  const database = query.get('database') ?? header(request, 'x-clickhouse-database') ?? DATABASE;
  if (![DATABASE, 'default', ''].includes(database))
    throw new Refused(81, 'UNKNOWN_DATABASE', `Database ${database.slice(0, 80)} does not exist.`);

  const inAddress = query.get('query') ?? '';
  const body = request.method === 'POST' ? await bodyOf(request, MAX_QUERY_BYTES) : '';
  const sql = inAddress !== '' && body !== '' ? `${inAddress}\n${body}` : inAddress + body;
  const own = ownStatementOf(sql);
  const stated = query.get('default_format') ?? header(request, 'x-clickhouse-format') ?? 'TabSeparated';
  const left = new AbortController();
  response.once('close', () => left.abort());
  if (own !== undefined) {
    const killed = own.type === 'kill' ? underWay.kill(own.queryId, credentials) : 0;
    const source =
      own.type === 'kill' && !refusedFormat(stated)
        ? warehouse.ask(toldOfKill(own.queryId, credentials.user, killed > 0, stated), left.signal)
        : nothing();
    return sendBytes(request, response, query, { ...head, format: stated }, source);
  }
  const params = Object.fromEntries(
    [...query]
      // A placeholder has no other name: another says nothing of the question.
      .filter(([name]) => /^param_[A-Za-z_]\w*$/.test(name))
      .map(([name, value]) => [name.slice('param_'.length), value]),
  );
  const screened = guard(sql, params);
  const { statements, readOnly, parsed } = await warehouse.classify(sql);
  if (statements > 1) throw new Refused(62, 'SYNTAX_ERROR', 'Syntax error (Multi-statements are not allowed).');
  if (parsed && !readOnly) throw new Refused(164, 'READONLY', 'Cannot execute query in readonly mode.');

  for (const name of screened.placeholders)
    if (!Object.hasOwn(params, name))
      throw new Refused(456, 'UNKNOWN_QUERY_PARAMETER', `Substitution \`${name.slice(0, 80)}\` is not set.`);
  const format = screened.format ?? stated;
  if (refusedFormat(format)) throw new Refused(73, 'UNKNOWN_FORMAT', `Unknown format ${format.slice(0, 60)}.`);

  const settings = analystSettings(query, limits, screened.settings);
  // What the engine could not parse goes where only a single SELECT can run: it will say what is wrong with it.
  const streamable = (screened.streamable && comesInPieces(format, settings)) || !parsed;
  const question = { sql, format, settings, params, streamable };
  const parts = underWay.answered(head.queryId, credentials, left, (signal) => warehouse.ask(question, signal));
  const revision = Number(query.get('client_protocol_version') ?? 0);
  const source = /^native$/i.test(format) ? nativeOfRevision(revision, parts) : parts;
  return sendBytes(request, response, query, { ...head, format }, source);
};

async function* nothing(): AsyncGenerator<never, void, undefined> {}

/** What ClickHouse answers to KILL QUERY, but for the text: a line for the question that ends, none if there is none. */
const toldOfKill = (queryId: string, user: string, killed: boolean, format: string): Question => ({
  sql: `SELECT 'waiting' AS kill_status, {id:String} AS query_id, {user:String} AS user, '' AS query WHERE {killed:UInt8}`,
  format,
  settings: {},
  params: { id: paramText(queryId), user: paramText(user), killed: killed ? '1' : '0' },
  streamable: false,
});

const header = (request: IncomingMessage, name: string): string | undefined => {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
};
