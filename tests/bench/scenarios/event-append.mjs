import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installEmmett } from '../appends/install-emmett.mjs';
import { runProcess } from '../process/child.mjs';

const script = (name) => fileURLToPath(new URL(`../appends/${name}.mjs`, import.meta.url));

/** Events appended a second, durable (WAL, synchronous=FULL), beside Emmett's SQLite store on the same SQLite. */
export const eventAppend = async (bench) => {
  bench.say('event append');
  const folder = bench.folder('appends');
  const { appendsTogether, appendsApart } = bench.size;
  const rates = async (name, ...more) =>
    JSON.parse(
      await runProcess([script(name), join(folder, name), String(appendsTogether), String(appendsApart), ...more]),
    );
  const ours = await rates('embedded');
  const prefix = join(folder, 'emmett');
  const missing = await installEmmett(prefix);
  if (missing !== undefined) bench.say(`skipped the comparison: ${missing}`);
  const theirs = missing === undefined ? await rates('emmett-sqlite', prefix) : undefined;
  bench.drop('appends');
  for (const [shape, suffix] of [
    ['together', ''],
    ['apart', '_one_by_one'],
  ]) {
    const beside = theirs && { ratio: ours[shape] / theirs[shape], ratio_to: `emmett_sqlite${suffix}` };
    bench.report({ name: `event_append${suffix}`, value: ours[shape], unit: 'events/s', ...beside });
    if (theirs) bench.report({ name: `emmett_sqlite${suffix}`, value: theirs[shape], unit: 'events/s' });
  }
};
