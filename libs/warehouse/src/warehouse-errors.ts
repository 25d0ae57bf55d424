import { type ClickHouseError } from '@clickhouse/client';
import { EngineError, type EngineFailure, messageOf, StoreFull } from '@tributary/kernel';

/**
 * The engine refused or failed a statement. `code` and `type` are ClickHouse's own, such as 60 and UNKNOWN_TABLE, and all that
 * logs, answers and notes tell of most: its text may quote what it read. So it is no field either, which loggers write down, nor a
 * cause.
 */
export class StatementFailed extends EngineError {
  readonly #exception: string;

  constructor(
    engine: string,
    failure: EngineFailure,
    readonly code: number,
    readonly type: string,
    exception: string,
  ) {
    super(engine, failure, namesNoValue.has(code) ? withoutScope(exception) : `${type} (code ${code})`);
    this.name = 'StatementFailed';
    this.#exception = exception;
  }

  /** `Code: 60. DB::Exception: … (UNKNOWN_TABLE)`: for whoever wrote the statement. */
  get exception(): string {
    return this.#exception;
  }
}

/**
 * What an operator has to set right, and whose text names only tables, databases, users and grants: UNKNOWN_TABLE, UNKNOWN_DATABASE,
 * UNKNOWN_USER, ACCESS_DENIED, AUTHENTICATION_FAILED.
 */
const namesNoValue = new Set([60, 81, 192, 497, 516]);

/** Of a table that is missing in a question ClickHouse says in which, in its whole text: with the values that were asked for. */
const withoutScope = (exception: string): string =>
  exception.replace(/,?\s+in scope\s[\s\S]*?((?: \([A-Z][A-Z0-9_]+\))?)$/i, '$1');

const NOT_ENOUGH_SPACE = 243;
/**
 * What may go well the next time: limits of time, memory and number (of a quota, too), parts and deletions that merges have
 * not caught up with, what a server that stops or starts says (ABORTED, QUERY_WAS_CANCELLED, ASYNC_LOAD_CANCELED), replicas
 * or a disk elsewhere that are not at hand, and a system that for a moment has no memory, file or descriptor to give
 * (CANNOT_READ_FROM, CANNOT_WRITE_TO and CANNOT_OPEN_FILE, CANNOT_ALLOCATE_MEMORY, STD_EXCEPTION).
 */
const retriableCodes = new Set([
  74, 75, 76, 159, 173, 201, 202, 203, 209, 210, 225, 236, 241, 242, 252, 254, 279, 285, 286, 289, 319, 341, 369, 394,
  425, 439, 473, 499, 677, 692, 696, 700, 733, 735, 745, 999, 1001,
]);

const pattern = /Code: (\d+)\. ([\s\S]*?)(?: \(([A-Z][A-Z0-9_]+)\))?(?: \(version [^\n]*\))?\s*$/;

/**
 * What failed, in ClickHouse's words, also where a client has taken them apart. By its fields: the client that comes with chDB
 * has a class of its own.
 */
export const saidAs = (error: unknown): string => {
  const { code, type } = (error ?? {}) as Partial<ClickHouseError>;
  const message = messageOf(error);
  return /^\d+$/.test(code ?? '')
    ? `Code: ${code}. DB::Exception: ${message.trimEnd()} (${type ?? 'UNKNOWN'})`
    : message;
};

/** Reads ClickHouse's message; one that is none of its own is of unknown effect. */
export const failureOf = (engine: string, message: string, cause?: unknown): EngineError => {
  const found = pattern.exec(message);
  if (found === null) return new EngineError(engine, 'unknown', message, { cause });
  const code = Number(found[1]);
  const type = found[3] ?? 'UNKNOWN';
  if (code === NOT_ENOUGH_SPACE || /No space left on device/.test(message)) return new StoreFull(engine);
  const exception = `Code: ${code}. ${found[2]} (${type})`;
  return new StatementFailed(engine, retriableCodes.has(code) ? 'retriable' : 'fatal', code, type, exception);
};
