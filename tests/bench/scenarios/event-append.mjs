import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installEmmett } from '../appends/install-emmett.mjs';
import { runProcess } from '../process/child.mjs';

const script = (name) => fileURLToPath(new URL(`../appends/${name}.mjs`, import.meta.url));

/** Each shape of ours, and the shape of Emmett's that does the same with the same durability. */
const beside = [
  ['event_append', 'together', 'together'],
  ['event_append_at_once', 'at_once', 'one_by_one'],
  ['event_append_one_by_one', 'one_by_one', 'one_by_one'],
];

/** Events appended a second, durable (WAL, synchronous=FULL), beside Emmett's SQLite store on the same SQLite. */
export const eventAppend = async (bench) => {
  bench.say('event append');
  const folder = bench.folder('appends');
  const { appendsMany, appendsFew } = bench.size;
  const run = async (name, ...more) =>
    JSON.parse(await runProcess([script(name), join(folder, name), String(appendsMany), String(appendsFew), ...more]));
  const ours = await run('embedded');
  const prefix = join(folder, 'emmett');
  const missing = await installEmmett(prefix);
  if (missing !== undefined) bench.say(`skipped the comparison with Emmett: ${missing}`);
  const theirs = missing === undefined ? await run('emmett-sqlite', prefix) : undefined;
  bench.drop('appends');
  for (const [name, our, their] of beside) {
    const value = ours[our].rate;
    const ratio = theirs && { ratio: value / theirs[their].rate, ratio_to: `emmett_sqlite.${their}` };
    bench.report({ name, value, unit: 'events/s', ...ratio });
  }
  for (const [shape, { rate }] of Object.entries(theirs ?? {}))
    bench.report({ name: `emmett_sqlite.${shape}`, value: rate, unit: 'events/s' });
  for (const [store, found] of Object.entries({ event_append: ours, ...(theirs && { emmett_sqlite: theirs }) }))
    bench.report({ name: `${store}.cpu`, value: found.together.cpu_us, unit: 'us/event' });
};
