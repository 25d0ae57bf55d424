import { type IncomingMessage, type ServerResponse } from 'node:http';
import { type Warehouse } from '@tributary/kernel';
import { type AnalystDoor } from '../chdb/chdb-warehouse.js';
import { DATABASE } from '../chdb/engine-config.js';
import { type AnswerPart, type Question } from '../chdb/protocol.js';
import { paramText } from '../chdb/statement-text.js';
import { type AnalystLimits, analystSettings } from './analyst-settings.js';
import { type Credentials } from './credentials.js';
import { formFields, isForm } from './form-data.js';
import { comesInPieces } from './format-in-pieces.js';
import { heldBack } from './held-back.js';
import { nativeOfRevision } from './native/native-of-revision.js';
import { type OwnStatement, ownStatementOf } from './own-statement.js';
import { Refused } from './refused.js';
import { bodyOf, MAX_QUERY_BYTES } from './request-body.js';
import { requestHeader } from './request-header.js';
import { sendBytes } from './send-answer.js';
import { refusedFormat, type StatementGuard } from './statement-guard.js';
import { type UnderWay } from './under-way.js';

/** What questions are answered with. */
export interface Questioned {
  readonly warehouse: Warehouse & AnalystDoor;
  readonly limits: AnalystLimits;
  readonly guard: StatementGuard;
  readonly underWay: UnderWay;
  readonly stalled_ms: number;
}

export interface Asking {
  readonly queryId: string;
  readonly began_ms: number;
  readonly credentials: Credentials;
  /** As the operator knows him. */
  readonly asker: string | undefined;
}

/** Answers how many bytes were sent. Throws `Refused` or `StatementFailed`: before anything is sent, if it can. */
export const answerQuestion = async (
  questioned: Questioned,
  request: IncomingMessage,
  response: ServerResponse,
  address: URLSearchParams,
  asking: Asking,
): Promise<number> => {
  const body = request.method === 'POST' ? await bodyOf(request, MAX_QUERY_BYTES) : Buffer.alloc(0);
  const contentType = request.headers['content-type'];
  const asForm = isForm(contentType) ? await formFields(contentType, body) : undefined;
  const query = asForm ? new URLSearchParams([...address, ...asForm]) : address;
  if (query.get('decompress') === '1')
    throw new Refused(
      48,
      'NOT_IMPLEMENTED',
      "A question in ClickHouse's own compression is not read here; send it as it is, or as gzip (Content-Encoding).",
    );
  const database = query.get('database') ?? requestHeader(request, 'x-clickhouse-database') ?? DATABASE;
  if (![DATABASE, 'default', ''].includes(database))
    throw new Refused(81, 'UNKNOWN_DATABASE', `Database ${database.slice(0, 80)} does not exist.`);

  const sql = [query.get('query') ?? '', asForm ? '' : body.toString()].filter((part) => part !== '').join('\n');
  const stated = query.get('default_format') ?? requestHeader(request, 'x-clickhouse-format') ?? 'TabSeparated';
  const left = new AbortController();
  response.once('close', () => left.abort());
  const own = ownStatementOf(sql);
  const { format, parts } = own
    ? { format: stated, parts: partsOfOwn(questioned, own, stated, asking, left.signal) }
    : await partsOfAsked(questioned, sql, stated, query, asking, left);
  const sent = query.get('wait_end_of_query') === '1' ? heldBack(parts) : parts;
  return sendBytes(request, response, query, { ...asking, format }, sent, questioned.stalled_ms);
};

/** What a question is answered, once it is known to be one that may be asked. */
const partsOfAsked = async (
  { warehouse, guard, limits, underWay }: Questioned,
  sql: string,
  stated: string,
  query: URLSearchParams,
  { queryId, credentials, asker }: Asking,
  left: AbortController,
): Promise<{ readonly format: string; readonly parts: AsyncIterable<AnswerPart> }> => {
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
  const question: Question = { sql, format, settings, params, streamable, origin: { queryId, asker } };
  const parts = underWay.answered(queryId, credentials, left, (signal) => warehouse.ask(question, signal));
  const revision = Number(query.get('client_protocol_version') ?? 0);
  return { format, parts: /^native$/i.test(format) ? nativeOfRevision(revision, parts) : parts };
};

const partsOfOwn = (
  { warehouse, underWay }: Questioned,
  own: OwnStatement,
  format: string,
  { credentials }: Asking,
  signal: AbortSignal,
): AsyncIterable<AnswerPart> => {
  if (own.type === 'nothing') return nothing();
  const killed = underWay.kill(own.queryId, credentials) > 0;
  return refusedFormat(format)
    ? nothing()
    : warehouse.ask(toldOfKill(own.queryId, credentials.user, killed, format), signal);
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
