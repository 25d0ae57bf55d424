import { expect, test } from '@jest/globals';
import { type ChdbWarehouse } from '../chdb/chdb-warehouse.js';
import { ownWarehouse } from '../controls/own-warehouse.js';
import { type CommentRow, commentStatements, readComments } from './comments.js';
import { quoted } from './ddl.js';
import { migrate } from './migrate.js';
import { customers, tables } from './tables.js';

let warehouse: ChdbWarehouse;
ownWarehouse((opened) => (warehouse = opened));

const names = tables.map(({ name }) => name);
const found = () => warehouse.query<CommentRow>(readComments(names));
/** What a migration sends beside what makes tables and views. */
const altered = async (): Promise<readonly string[]> => {
  const sent: string[] = [];
  const command = async (sql: string): Promise<void> => {
    sent.push(sql);
    await warehouse.command(sql);
  };
  await migrate({ query: (sql) => warehouse.query(sql), command });
  return sent.filter((sql) => names.some((name) => sql.startsWith(`ALTER TABLE ${name} `)));
};

test('tables of an earlier program are commented anew, once', async () => {
  const whole = await found();
  expect(await altered()).toEqual([]);
  await warehouse.command("ALTER TABLE customers COMMENT COLUMN net 'as it was', COMMENT COLUMN gross ''");
  await warehouse.command("ALTER TABLE fct_orders MODIFY COMMENT 'it was so'");
  await warehouse.command("ALTER TABLE fct_orders ADD COLUMN theirs UInt8 COMMENT 'of somebody else'");
  expect(await altered()).toEqual([
    expect.stringMatching(/^ALTER TABLE fct_orders MODIFY COMMENT '[^,]/),
    expect.stringMatching(/^ALTER TABLE customers COMMENT COLUMN \w+ '.*, COMMENT COLUMN \w+ '/),
  ]);
  expect(await altered()).toEqual([]);
  expect(await found()).toEqual(
    expect.arrayContaining([...whole, { table: 'fct_orders', column: 'theirs', comment: 'of somebody else' }]),
  );
});

test('on a cluster the statement is one that the parser takes', async () => {
  const stale = [
    { table: 'customers_local', column: 'net', comment: 'as it was' },
    { table: 'customers_local', column: '', comment: '' },
  ];
  const [statement = ''] = commentStatements(customers, 'customers_local', stale, 'ours');
  expect(statement).toMatch(/^ALTER TABLE customers_local ON CLUSTER `ours` COMMENT COLUMN net '/);
  const [row] = await warehouse.query<{ text: string }>(`SELECT formatQuery(${quoted(statement)}) AS text`);
  expect(row?.text).toContain('MODIFY COMMENT');
  expect(commentStatements(customers, 'customers_local', [], 'ours')).toEqual([]);
});
