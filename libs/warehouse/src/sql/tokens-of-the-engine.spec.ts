import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ownSqlDoor } from '../controls/sql-door.js';
import { tokensOf } from './tokens.js';

const door = ownSqlDoor();

interface EngineToken {
  readonly begin: number;
  readonly end: number;
  readonly type: string;
}

/** Names and texts in their order, as the engine's own lexer tells; `undefined`: it refuses one of them. */
const engineWords = async (statements: readonly string[]): Promise<readonly (readonly string[] | undefined)[]> => {
  const given = statements.map((sql) => `'${Buffer.from(sql).toString('hex')}'`).join(', ');
  const rows = await door.warehouse.query<{ tokens: readonly EngineToken[] }>(
    `SELECT tokenizeQuery(unhex(arrayJoin([${given}]))) AS tokens`,
  );
  return rows.map(({ tokens }, i) =>
    tokens.some(({ type }) => type.startsWith('Error'))
      ? undefined
      : tokens.flatMap(({ begin, end, type }) => {
          const text = Buffer.from(statements[i] as string)
            .subarray(Number(begin), Number(end))
            .toString();
          if (type === 'QuotedIdentifier' || /^[‘“]/.test(text)) return ['quoted'];
          if (type === 'StringLiteral' || type === 'HereDoc') return ['text'];
          // One that begins with a digit names nothing that is judged.
          return type === 'BareWord' && !/^\d/.test(text) ? [text] : [];
        }),
  );
};

/** Ours, without what we see beside: half of a word that begins with a digit. `undefined`: it is refused. */
const ownWords = (sql: string): readonly string[] | undefined => {
  try {
    return tokensOf(sql).flatMap((token) =>
      token.kind === 'name' ? [token.quoted ? 'quoted' : token.text] : token.kind === 'text' ? ['text'] : [],
    );
  } catch {
    return undefined;
  }
};

const isWithin = (some: readonly string[], all: readonly string[]): boolean => {
  let at = 0;
  for (const word of all) if (word === some[at]) at++;
  return at === some.length;
};
const quotes = (words: readonly string[]): string =>
  words.filter((word) => word === 'text' || word === 'quoted').join();

test('nothing is a text or a comment here that is code to the engine', async () => {
  // No dot: what follows one may be a number to the lexer, which the parser then refuses. No x: it would make a text of its own.
  const parts = ["'", '"', '`', '\\', '/*', '*/', '//', '--', '# ', '#!', '\n', ' ', '$', '$a$', '$1$', 'a', 'fn', '1', '0b', '1e', '-', '+', '(', ',', '‘', '’', '“', '”', '−'] as const; // prettier-ignore
  const statement = fc.array(fc.constantFrom(...parts), { minLength: 2, maxLength: 12 });
  for (let round = 0; round < 5; round++) {
    const statements = fc.sample(statement, 3_000).map((some) => some.join(''));
    const read = await engineWords(statements);
    const differing = statements.filter((sql, i) => {
      const [theirs, own] = [read[i], ownWords(sql)];
      return theirs && own && (!isWithin(theirs, own) || quotes(theirs) !== quotes(own));
    });
    expect(differing).toEqual([]);
  }
});

const tag = `$${'a'.repeat(100)}$`;
/** Each hides what stands in its middle from whoever ends a comment, a text or a name elsewhere than the engine does. */
const hidden: readonly (readonly [name: string, hide: (sql: string) => string])[] = [
  ['a comment within another', (sql) => `/* /* */ ' */ ${sql} /* ' */`],
  ['a comment of two slashes', (sql) => `// '\n ${sql} --'`],
  ['a name that begins with a dollar', (sql) => `AS $1$$a$ ${sql} -- $a$`],
  ['a text with a long tag', (sql) => `, ${tag} ' ${tag} ${sql} --'`],
];

describe.each(hidden)('behind %s', (_, hide) => {
  test.each([
    'SETTINGS max_execution_time = DEFAULT',
    'SETTINGS max_memory_usage = DEFAULT',
    'FROM system.processes',
    ', file(char(47))',
  ])('%s is judged', async (sql) => {
    const { code } = await door.ask(`SELECT sleep(1.5) ${hide(sql)}`);
    expect([62, 164, 497]).toContain(code);
  });
});

test('SQL in a text is none that is hidden', async () => {
  const filters = '{$a$fct_orders$a$: $a$ sleep(2) = 0 $a$}';
  const [, hide] = hidden[1] as (typeof hidden)[number];
  const inner = `SELECT order_id FROM fct_orders ${hide(`SETTINGS additional_table_filters = ${filters}`)}`;
  expect(await door.ask(`SELECT * FROM (${inner}\n)`)).toMatchObject({ code: 164 });
});

test('comments of both kinds, and names as the engine takes them, may be said', async () => {
  for (const sql of [
    'SELECT 1 // one\n',
    'SELECT /* a */ 1 -- /* \n',
    'SELECT 1 AS $x',
    'SELECT 1 AS 7d',
    'SELECT $a$1$a$',
  ])
    expect([sql, (await door.ask(sql)).text]).toEqual([sql, '1\n']);
});
