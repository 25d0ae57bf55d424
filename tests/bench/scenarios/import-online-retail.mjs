import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProcess } from '../process/child.mjs';
import { cli } from '../process/tributary.mjs';

const file = fileURLToPath(new URL('../../../../shared/data/online_retail/online_retail.csv.gz', import.meta.url));
const ROWS = 541_909;

/** `tributary import online_retail …` on a new data folder: from the command to its end, with all effects taken. */
export const importOnlineRetail = async (bench) => {
  if (!existsSync(file)) return bench.say('skipped import_online_retail: ../shared/data is not here');
  bench.say('import of Online Retail');
  const began = performance.now();
  const out = await runProcess([
    cli,
    'import',
    'online_retail',
    file,
    '--json',
    '--quiet',
    '--data',
    join(bench.folder('import'), 'data'),
  ]);
  const seconds = (performance.now() - began) / 1_000;
  const { rows, covered, ignored, quarantined, touchpoints } = JSON.parse(out);
  if (rows !== ROWS || covered + ignored + quarantined !== ROWS)
    throw new Error(`of ${ROWS} rows, ${rows} were read and ${covered + ignored + quarantined} are accounted for`);
  bench.drop('import');
  bench.say(`${touchpoints} touchpoints of ${rows} rows, ${quarantined} rows quarantined`);
  bench.report({ name: 'import_online_retail', value: seconds, unit: 's' });
};
