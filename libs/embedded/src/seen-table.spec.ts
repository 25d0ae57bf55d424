import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { openForReading, openStore, storeFile } from './schema.js';
import { SeenReader } from './seen-reader.js';
import { seenKey } from './seen-mark.js';
import { SeenTable } from './seen-table.js';
import { type Database } from './sqlite.js';

let dir: string;
let db: Database;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tributary-seen-'));
  db = openStore(dir);
});
afterEach(() => {
  db.close();
  rmSync(dir, { recursive: true });
});

const commit = (table: SeenTable, marks: readonly (readonly [key: number, place: number | string])[]) => {
  db.exec('BEGIN IMMEDIATE');
  for (const [key, place] of marks) table.stage(seenKey(`${key}`), place);
  table.flush();
  db.exec('COMMIT');
};

it('keeps first places while keys move from runs to the table, for old and new readers, across rollback and reopening', () => {
  let table = new SeenTable(db, 500);
  const early = openForReading(storeFile(dir));
  const reader = new SeenReader(early);
  const first = new Map<number, number | string>();
  let seed = 7;
  const chance = () => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) / 0x7fffffff;
  for (let round = 0; round < 120; round++) {
    const marks = Array.from({ length: 60 }, (_, i): [number, number | string] => [
      Math.floor(chance() * 4000),
      i % 20 === 0 ? `text ${round}` : round * 1000 + i,
    ]);
    commit(table, marks);
    for (const [key, place] of marks) if (!first.has(key)) first.set(key, place);
    if (round % 17 === 5) {
      db.exec('BEGIN IMMEDIATE');
      table.stage(seenKey('lost'), 1);
      table.flush();
      db.exec('ROLLBACK');
      table.forget();
    }
    if (round % 29 === 11) table = new SeenTable(db, 500);
    if (round % 3 !== 0) continue;
    const asked = [...first.keys()].filter((key) => key % 5 === round % 5);
    const expected = asked.map((key) => first.get(key));
    expect(reader.places(asked.map((key) => seenKey(`${key}`)))).toEqual(expected);
    if (round % 10 === 0) expect(new SeenReader(early).places(asked.map((key) => seenKey(`${key}`)))).toEqual(expected);
  }
  expect(reader.places([seenKey('lost'), seenKey('never')])).toEqual([undefined, undefined]);
  const left = Number(db.prepare('SELECT sum(length(body)) / 24 AS keys FROM seen_run').get()!['keys']);
  expect(left).toBeLessThan(1500);
  early.close();
});
