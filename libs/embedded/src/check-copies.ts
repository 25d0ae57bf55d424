import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { Worker } from 'node:worker_threads';
import { EngineError } from '@tributary/kernel';
import { ENGINE } from './engine.js';
import { damaged } from './sqlite-failure.js';

/** What the thread answers: the file that is damaged, or nothing. */
export type Checked = string | null;

/**
 * A copy has the damage of its original, which may be where nobody has looked for long, and takes the place of copies that
 * have none: so all of it is looked at once, on a thread of its own. Nobody else may use the files meanwhile.
 *
 * @throws EngineError (fatal) naming the file
 */
export const checkCopies = async (files: readonly string[]): Promise<void> => {
  const worker = new Worker(new URL('../dist/check-worker.js', import.meta.url), {
    workerData: files,
    name: 'tributary-check',
    execArgv: [],
  });
  const ended = once(worker, 'exit');
  ended.catch(() => undefined);
  const [file] = (await once(worker, 'message')) as [Checked];
  // With its thread the last use of a file ends. What its log was opened as is empty, and not always taken away.
  await ended;
  for (const path of files) for (const beside of ['-wal', '-shm']) await rm(`${path}${beside}`, { force: true });
  if (file !== null)
    throw new EngineError(ENGINE, 'fatal', `${basename(file)} is damaged, and so is its copy; ${damaged}`);
};
