import { parentPort, workerData } from 'node:worker_threads';
import { type Checked } from './check-copies.js';
import { openDatabase } from './sqlite.js';
import { remedyFor } from './sqlite-failure.js';

/** Reads a whole file. */
const isDamaged = (file: string): boolean => {
  const db = openDatabase(file);
  try {
    const { quick_check: found } = db.prepare('PRAGMA quick_check(1)').get() ?? {};
    return found !== 'ok';
  } catch (error) {
    if (remedyFor(error) === undefined) throw error;
    return true;
  } finally {
    db.close();
  }
};

parentPort!.postMessage(((workerData as readonly string[]).find(isDamaged) ?? null) satisfies Checked);
