/**
 * `@event-driven-io/emmett-sqlite` through its public API, on the SQLite that we use: it takes a connection of one's own.
 * That spares it `sqlite3`, whose binary is fetched at install, and with it a thread hop a statement; statements are kept
 * prepared, which `sqlite3` would not do. So it is rather faster here than at home. WAL and `synchronous=FULL` as ours.
 * A batch is one transaction of its connection, which is the largest unit that it can make durable at once.
 */
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { eventData, EVENTS_AN_APPEND, eventType, measure } from './plan.mjs';

const prefix = process.argv[5];
const emmett = await import(
  pathToFileURL(join(prefix, 'node_modules/@event-driven-io/emmett-sqlite/dist/index.js')).href
);
const { DatabaseSync } =
  process.getBuiltinModule?.('node:sqlite') ??
  createRequire(new URL('../../../libs/embedded/package.json', import.meta.url))('@photostructure/sqlite');

const connectionTo = (fileName) => {
  const db = new DatabaseSync(fileName);
  db.exec(
    'PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536; PRAGMA wal_autocheckpoint=8000;',
  );
  const prepared = new Map();
  const statement = (sql) => {
    let known = prepared.get(sql);
    if (known === undefined) prepared.set(sql, (known = db.prepare(sql)));
    return known;
  };
  /** As `sqlite3` binds: it takes booleans as numbers, and an object (which Emmett hands in for a partition) as its text. */
  const bind = (value) =>
    typeof value === 'boolean' ? Number(value) : typeof value === 'object' && value !== null ? String(value) : value;
  const bound = (values = []) => values.map(bind);
  let nesting = 0;
  return {
    close: () => db.close(),
    command: async (sql, values) => statement(sql).run(...bound(values)),
    batchCommand: async (sqls) => sqls.forEach((sql) => db.exec(sql)),
    query: async (sql, values) => statement(sql).all(...bound(values)),
    querySingle: async (sql, values) => statement(sql).get(...bound(values)) ?? null,
    withTransaction: async (work) => {
      if (nesting++ === 0) statement('BEGIN IMMEDIATE TRANSACTION').run();
      try {
        const result = await work();
        if (--nesting === 0) statement('COMMIT').run();
        return result;
      } catch (error) {
        if (--nesting === 0) statement('ROLLBACK').run();
        throw error;
      }
    },
  };
};

const eventsOf = (n) =>
  Array.from({ length: EVENTS_AN_APPEND }, (_, i) => ({ type: eventType, data: eventData(n * EVENTS_AN_APPEND + i) }));

await measure(async (dir) => {
  mkdirSync(dir, { recursive: true });
  const fileName = join(dir, 'emmett.db');
  const connection = connectionTo(fileName);
  const store = emmett.getSQLiteEventStore({ fileName, connectionOptions: { singleton: true, connection } });
  await store.schema.migrate();
  return {
    // No `atOnce`: on one connection calls at once would answer before the commit that makes them durable.
    together: (part) =>
      connection.withTransaction(async () => {
        for (const { n, stream, revision } of part)
          await store.appendToStream(stream, eventsOf(n), { expectedStreamVersion: BigInt(revision + 1) });
      }),
    lengthOf: async (stream) => (await store.readStream(stream)).events.length,
    close: () => connection.close(),
  };
});
