import { formatOf } from './clauses.js';
import { Refused } from './refused.js';
import { type SaidSetting, saidSettings } from './said-settings.js';
import { computesColumns } from './structure-text.js';
import { TABLE_FILTERS } from './table-filters.js';
import { isMark, type Token, tokensOf, wordOf } from './tokens.js';

export interface Screened {
  /** SELECT in one of its forms: can be streamed. */
  readonly streamable: boolean;
  /** What a FORMAT clause at its end says. */
  readonly format: string | undefined;
  /** Names of `{name:Type}` placeholders. */
  readonly placeholders: readonly string[];
  /** What its SETTINGS clauses say. */
  readonly settings: readonly SaidSetting[];
}

/** What a statement may begin with, and whether it is a SELECT. */
const openings: Readonly<Record<string, boolean>> = {
  SELECT: true,
  WITH: true,
  FROM: true,
  VALUES: true,
  '(': true,
  SHOW: false,
  DESCRIBE: false,
  DESC: false,
  EXPLAIN: false,
  EXISTS: false,
};

const shown = new Set([
  'TABLES', 'DATABASES', 'CREATE', 'TABLE', 'VIEW', 'DATABASE', 'COLUMNS', 'FIELDS', 'FULL', 'EXTENDED', 'FUNCTIONS', 'SETTINGS', 'SETTING',
  'CHANGED', 'INDEX', 'INDEXES', 'INDICES', 'KEYS', 'DICTIONARIES', 'ENGINES', 'GRANTS', 'CURRENT', 'TEMPORARY',
]); // prettier-ignore

/** Tables that describe the schema and the language; the rest tells of the server and of what others ask. */
const systemTables = new Set([
  'one', 'numbers', 'numbers_mt', 'zeros', 'zeros_mt', 'tables', 'columns', 'databases', 'functions', 'aggregate_function_combinators',
  'data_type_families', 'formats', 'settings', 'table_engines', 'table_functions', 'time_zones', 'collations', 'keywords', 'contributors',
  'licenses', 'completions', 'documentation', 'dictionaries', 'parts', 'parts_columns', 'current_roles', 'enabled_roles',
  'data_skipping_indices', 'projections', 'merge_tree_settings', 'build_options', 'clusters', 'macros', 'replicas',
]); // prettier-ignore

/** Table functions that make rows from nothing, or from tables that the asker may read. */
const harmlessTableFunctions = new Set([
  'numbers',
  'numbers_mt',
  'zeros',
  'zeros_mt',
  'values',
  'view',
  'generateseries',
  'generate_series',
  'null',
  'primes',
  'generaterandom',
]);

/**
 * Functions that reach beyond the tables and that the engine lets anyone call. They can also be passed on by name
 * (`APPLY(file)`, `arrayMap(file, …)`), so the name is refused wherever it stands, and however it is quoted.
 */
const reaching = new Set(['file', 'catboostevaluate', 'getserversetting', 'showcertificate', 'eval']);
const reachingPattern = /^(ai|AI)[A-Z]/;

/** Formats that read or write something else than the answer. */
const otherFormats = new Set([
  'template',
  'templateignorespaces',
  'protobuf',
  'protobufsingle',
  'protobuflist',
  'capnproto',
  'avroconfluent',
  'mysqlwire',
  'postgresqlwire',
]);

const denied = (what: string): never => {
  throw new Refused(497, 'ACCESS_DENIED', `Not enough privileges: ${what} cannot be used here.`);
};

/**
 * The statement with what `{name:Identifier}` placeholders stand for in their place: to the engine their values are names
 * as if they had been written there, so they are judged as such. A value with a dot may be taken for one name or for
 * several; it is judged as several. One with a backslash could be unescaped into another name.
 */
const resolved = (tokens: readonly Token[], params: Readonly<Record<string, string>>): Token[] => {
  const named: Token[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const [brace, name, colon, type, end] = tokens.slice(i, i + 5);
    const isPlaceholder = isMark(brace, '{') && name?.kind === 'name' && isMark(colon, ':') && isMark(end, '}');
    const value = isPlaceholder && Object.hasOwn(params, name.text) ? params[name.text] : undefined;
    if (value === undefined || wordOf(type) !== 'IDENTIFIER') {
      named.push(tokens[i] as Token);
      continue;
    }
    if (value.includes('\\')) denied(`the name in param_${name?.text ?? ''}, which has a backslash,`);
    value.split('.').forEach((text, part) => {
      if (part > 0) named.push({ kind: 'mark', text: '.' });
      named.push({ kind: 'name', text, quoted: true });
    });
    i += 4;
  }
  return named;
};

/**
 * The part of the read-only rule that the engine does not enforce by itself. It comes after the engine's own parser
 * (one statement, of a kind that changes nothing) and before a connection that owns nothing and cannot change its limits.
 * `tableFunctions`: those that the engine has; what a newer engine brings is refused until it is known here.
 */
export const statementGuard = (tableFunctions: readonly string[], functions: readonly string[]) => {
  // A name that is a plain function as well (`format`) is left to the engine, which asks for a grant where it is a table.
  const scalar = new Set(functions.map((name) => name.toLowerCase()));
  const refusedTableFunctions = new Set(
    tableFunctions
      .map((name) => name.toLowerCase())
      .filter((name) => !harmlessTableFunctions.has(name) && !scalar.has(name)),
  );

  return (sql: string, params: Readonly<Record<string, string>>): Screened => {
    let tokens: Token[];
    try {
      tokens = resolved(tokensOf(sql), params);
    } catch (error) {
      if (error instanceof Refused) throw error;
      throw new Refused(62, 'SYNTAX_ERROR', `Syntax error: ${(error as Error).message}.`);
    }
    const first = tokens[0];
    if (first === undefined) throw new Refused(62, 'SYNTAX_ERROR', 'Syntax error: Empty query.');
    const streamable = openings[isMark(first, '(') ? '(' : wordOf(first)];
    if (streamable === undefined)
      throw new Refused(
        164,
        'READONLY',
        'Cannot execute query in readonly mode: only SELECT, WITH, SHOW, DESCRIBE, EXPLAIN and EXISTS.',
      );
    if (wordOf(first) === 'SHOW' && !shown.has(wordOf(tokens[1]))) denied(`SHOW ${tokens[1]?.text.slice(0, 40) ?? ''}`);

    if (tokens.some((token, i) => isMark(token, ';') && i < tokens.length - 1 && !isMark(tokens[i + 1], ';')))
      throw new Refused(62, 'SYNTAX_ERROR', 'Syntax error (Multi-statements are not allowed).');

    const placeholders: string[] = [];
    for (let i = 0; i < tokens.length; i++) {
      const token = tokens[i] as Token;
      if (token.kind !== 'name') continue;
      const name = token.text.toLowerCase();
      if (reaching.has(name) || reachingPattern.test(token.text))
        denied(`the name ${token.text}, which is that of a function that reaches beyond the tables,`);
      if (isMark(tokens[i + 1], '(') && refusedTableFunctions.has(name)) denied(`the table function ${token.text}`);
      if (computesColumns(tokens, i)) denied(`columns that ${token.text} computes`);
      if (name === 'system' && isMark(tokens[i + 1], '.')) {
        const table = tokens[i + 2];
        if (table?.kind !== 'name' || !systemTables.has(table.text))
          denied(`the table system.${table?.text.slice(0, 60) ?? ''}`);
      }
      if (wordOf(token) === 'INTO' && wordOf(tokens[i + 1]) === 'OUTFILE') denied('INTO OUTFILE');
      // The engine asks whether a setting may be changed, and never whether it may be put back to what it is without limits.
      if (wordOf(token) === 'DEFAULT' && isMark(tokens[i - 1], '='))
        throw new Refused(164, 'READONLY', 'Cannot put a setting back to its default in readonly mode.');
      if (isMark(tokens[i - 1], '{') && isMark(tokens[i + 1], ':')) placeholders.push(token.text);
    }
    const format = formatOf(tokens);
    if (format !== undefined && otherFormats.has(format.toLowerCase())) denied(`the format ${format}`);
    const settings = saidSettings(tokens);
    // Of an escape that is read otherwise here than by the engine, what is judged would not be what is followed.
    if (settings.some(({ name }) => name === TABLE_FILTERS) && sql.replace(/\\[\\']/g, '').includes('\\'))
      denied(`an escape other than of a quote or a backslash beside ${TABLE_FILTERS}`);
    return { streamable, format, placeholders, settings };
  };
};

export type StatementGuard = ReturnType<typeof statementGuard>;

export const refusedFormat = (format: string): boolean =>
  otherFormats.has(format.toLowerCase()) || !/^[A-Za-z0-9]{1,60}$/.test(format);
