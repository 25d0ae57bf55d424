import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { tokensOf } from './tokens.js';

const names = (sql: string): string[] =>
  tokensOf(sql)
    .filter(({ kind }) => kind === 'name')
    .map(({ text }) => text);
const texts = (sql: string): string[] =>
  tokensOf(sql)
    .filter(({ kind }) => kind === 'text')
    .map(({ text }) => text);

describe('tokens', () => {
  test.each([
    ["SELECT file('/etc/passwd')", ['SELECT', 'file']],
    ["SELECT `fi\\x6ce`('/')", ['SELECT', 'file']],
    ['SELECT "file"(1)', ['SELECT', 'file']],
    ["SELECT `fil\\Ne`('/')", ['SELECT', 'file']],
    ["SELECT 'file(' -- file\n, 1 # file\n", ['SELECT']],
    ['SELECT /* file */ 1 /* */ , a', ['SELECT', 'a']],
    ["SELECT 'it''s \\' file('", ['SELECT']],
    ['SELECT $x$ file( $x$, a', ['SELECT', 'a']],
    ['SELECT $$ file( $$, a', ['SELECT', 'a']],
    ['SELECT “file”(1)', ['SELECT', 'file']],
    ["SELECT 1 // '\n, file('/') --'", ['SELECT', 'file']],
    ["SELECT 1 AS $1$$a$, file('/'), b$a$", ['SELECT', 'AS', '$1$$a$', 'file', 'b$a$']],
    ["SELECT 1a$a$ ' $a$, file('/') --'", ['SELECT', 'a', 'file']],
    [`SELECT $${'a'.repeat(100)}$ ' $${'a'.repeat(100)}$, file(1), '`.slice(0, -3), ['SELECT', 'file']],
    ['SELECT 1e5 AS b, 0xFF, 1file', ['SELECT', 'AS', 'b', 'file']],
    ['SELECT 客户, ünï', ['SELECT', '客户', 'ünï']],
  ])('%s', (sql, expected) => expect(names(sql)).toEqual(expected));

  test.each(['\u0085', '\u00a0', '\u180e', '\u200b', '\u200d', '\u2060', '\u3000', '\ufeff'])(
    'a space that is not seen is a space (%j)',
    (space) => expect(tokensOf(`a${space}.b`)).toEqual(tokensOf('a.b')),
  );

  test('texts are read as the engine reads them', () => {
    expect(texts(`SELECT 'a''b', 'c\\'d', 'e\\\\', '\\x41'`)).toEqual(["a'b", "c'd", 'e\\', 'A']);
  });

  test.each([
    "SELECT 'a",
    'SELECT `a',
    'SELECT "a',
    'SELECT /* a',
    'SELECT /* /* a */ */ 1',
    'SELECT 1 //* a */',
    'SELECT 1e--1',
    'SELECT “a',
    'SELECT `sh\\x7gw`',
  ])('%s is malformed', (sql) => {
    expect(() => tokensOf(sql)).toThrow(SyntaxError);
  });

  test('any text ends in tokens or a syntax error', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (sql) => {
        try {
          tokensOf(sql);
        } catch (error) {
          expect(error).toBeInstanceOf(SyntaxError);
        }
      }),
    );
  });
});
