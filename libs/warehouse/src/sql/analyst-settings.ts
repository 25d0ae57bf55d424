import { Refused } from './refused.js';
import { type SaidSetting } from './said-settings.js';
import { plainTableFilters, TABLE_FILTERS } from './table-filters.js';

export interface AnalystLimits {
  readonly maxExecution_s: number;
  readonly maxMemory_bytes: number;
  readonly maxResult_bytes: number;
  readonly maxResultRows: number;
  readonly maxThreads: number;
}

export const defaultLimits: AnalystLimits = {
  maxExecution_s: 60,
  maxMemory_bytes: 1_000_000_000,
  maxResult_bytes: 1_000_000_000,
  maxResultRows: 50_000_000,
  maxThreads: 2,
};

/** What concerns the transport, or would change nothing here: said by many clients, taken without effect. */
const transport = new Set([
  'query', 'database', 'user', 'password', 'default_format', 'query_id', 'session_id', 'session_timeout', 'session_check', 'close_session',
  'compress', 'decompress', 'network_compression_method', 'network_zstd_compression_level', 'quota_key', 'stacktrace', 'role', 'readonly', 'wait_end_of_query', 'buffer_size', 'http_response_buffer_size',
  'send_progress_in_http_headers', 'http_headers_progress_interval_ms', 'enable_http_compression', 'http_zlib_compression_level',
  'http_make_head_request', 'http_write_exception_in_output_format', 'add_http_cors_header', 'cancel_http_readonly_queries_on_client_close',
  'log_queries', 'log_comment', 'async_insert', 'wait_for_async_insert', 'client_protocol_version', 'replace_running_query',
  'connect_timeout', 'receive_timeout', 'send_timeout', 'use_client_time_zone', 'use_query_cache', 'select_sequential_consistency', 'param_',
  // The old analyzer may expand a question of one kilobyte for ever: no limit of time ends that, nor does KILL QUERY.
  'allow_experimental_analyzer', 'enable_analyzer',
  'mutations_sync', 'lightweight_deletes_sync', 'alter_sync', 'insert_distributed_sync',
]); // prettier-ignore

/**
 * What dbt's adapter says of each connection. Nothing is written here; but its client sends no setting that the server tells to be
 * read-only, refuses to connect, and asks only whether it is so already: so it is.
 */
const ofWriters = {
  mutations_sync: 3,
  lightweight_deletes_sync: 3,
  alter_sync: 3,
  insert_distributed_sync: 1,
} as const;

/** What changes how an answer is computed or written, and nothing else. */
const free = new Set([
  'extremes', 'limit', 'offset', 'join_use_nulls', 'date_time_input_format', 'date_time_output_format', 'session_timezone',
  'format_csv_delimiter', 'format_csv_null_representation', 'format_tsv_null_representation', 'max_rows_to_read', 'max_bytes_to_read',
  'use_uncompressed_cache', 'group_by_use_nulls', 'aggregate_functions_null_for_empty', 'transform_null_in', 'union_default_mode',
  'prefer_column_name_to_alias', 'any_join_distinct_right_table_keys', 'cast_keep_nullable', 'final', 'result_overflow_mode',
  'joined_subquery_requires_alias', 'wait_for_query',
]); // prettier-ignore

/** Some formats write their schema to a path or fetch it from a place. */
const isFreeOutput = (name: string): boolean =>
  name.startsWith('output_format_') && !/schema|path|url|registry|template/.test(name);

/**
 * The engine's own, and no more: it looks at its limits between blocks, so a question of one block of a hundred million rows would
 * have none.
 */
const MAX_BLOCK_ROWS = 65_409;
/** A list of patterns is made one automaton, in a call that has no end of its own: 20 s of 150,000 characters, 9 of this. */
const MAX_PATTERNS_CHARACTERS = 50_000;

const capped = (text: string, cap: number): number => {
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0)
    throw new Refused(72, 'CANNOT_PARSE_NUMBER', `Cannot parse setting value '${text.slice(0, 40)}' as a number.`);
  // 0 is ClickHouse's word for "no limit".
  return value === 0 ? cap : Math.min(value, cap);
};

/**
 * Settings of the connection that answers: the limits, and what the request may ask within them. A SETTINGS clause that says
 * what may be said is followed here, before the statement runs: to the engine, which lets a statement change no setting, it
 * then says what is so. What may not is refused here, for the engine asks this only of the last clause of a whole question;
 * in a part of one, `additional_table_filters` would be SQL in a text, which no guard has seen. At the end of a question it is
 * followed as far as it is plain (`plainTableFilters`).
 */
export const analystSettings = (
  request: URLSearchParams,
  limits: AnalystLimits,
  clauses: readonly SaidSetting[] = [],
): Record<string, string | number> => {
  const settings: Record<string, string | number> = {
    max_execution_time: limits.maxExecution_s,
    timeout_overflow_mode: 'throw',
    max_memory_usage: limits.maxMemory_bytes,
    max_result_bytes: limits.maxResult_bytes,
    max_result_rows: limits.maxResultRows,
    result_overflow_mode: 'throw',
    max_threads: limits.maxThreads,
    max_hyperscan_regexp_total_length: MAX_PATTERNS_CHARACTERS,
    ...ofWriters,
  };
  const caps = new Map<string, number>([
    ['max_execution_time', limits.maxExecution_s],
    ['max_memory_usage', limits.maxMemory_bytes],
    ['max_result_bytes', limits.maxResult_bytes],
    ['max_result_rows', limits.maxResultRows],
    ['max_threads', limits.maxThreads],
    ['max_block_size', MAX_BLOCK_ROWS],
  ]);
  const asked = new Map(request);
  for (const { name, value, inner } of clauses) {
    const limit = caps.get(name);
    const isPlain = name === TABLE_FILTERS && value !== undefined && plainTableFilters(value) === value;
    const isWithin = limit !== undefined && value !== undefined && Number(value) === capped(value, limit);
    const isOutput = free.has(name) || isFreeOutput(name) || (name === 'max_block_size' && isWithin);
    if (inner ? !isOutput : !isOutput && !isWithin && !isPlain && !transport.has(name)) throw mayNotSay(name);
    if (!inner && value !== undefined && !transport.has(name)) asked.set(name, value);
  }
  for (const [name, value] of asked) {
    if (transport.has(name) || name.startsWith('param_')) continue;
    const cap = caps.get(name);
    const filters = name === TABLE_FILTERS ? plainTableFilters(value) : undefined;
    if (filters !== undefined) settings[name] = filters;
    else if (cap !== undefined) settings[name] = capped(value, cap);
    else if (free.has(name) || isFreeOutput(name)) settings[name] = /^-?[0-9]+$/.test(value) ? Number(value) : value;
    else throw mayNotSay(name);
  }
  return settings;
};

const mayNotSay = (name: string): Refused =>
  new Refused(164, 'READONLY', `Cannot modify '${name.slice(0, 80)}' setting in readonly mode.`);
