import { appendFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Appends a run to `results/<date>-<commit>.jsonl`: one line that says where and when, then a line a measure. */
export const keep = (run, measures) => {
  const file = fileURLToPath(new URL(`./results/${run.date.slice(0, 10)}-${run.commit}.jsonl`, import.meta.url));
  appendFileSync(file, [{ run }, ...measures].map((line) => `${JSON.stringify(line)}\n`).join(''));
  return file;
};
