import { test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { channelNamed, loadChannels, readChannelFile } from '@tributary/intake';
import { dataFile } from '../../data/data-sets.js';
import { engine } from '../../engines/engine.js';
import { overMixes } from './over-mixes.js';
import { type Town } from './town.js';

const file = dataFile('online_retail/online_retail.csv.gz');
/** Of 541,909: in CI its first part; `TRIBUTARY_TEST_ROWS=541909` for the whole. */
const ROWS = Number(process.env['TRIBUTARY_TEST_ROWS'] ?? 8_000);
const BATCH_ROWS = 2_000;
/** An invoice may have a thousand lines, and a request no more than 5 MB. */
const REQUEST_ITEMS = 200;

const feedRetail = async (town: Pick<Town, 'take'>): Promise<number> => {
  const channel = channelNamed('online_retail', loadChannels());
  let [read, fed] = [0, 0];
  for await (const { items, rows } of readChannelFile(channel, file, { batchRows: BATCH_ROWS })) {
    const envelopes = items.map(({ envelope }) => envelope);
    for (let from = 0; from < envelopes.length; from += REQUEST_ITEMS)
      await town.take(channel.name, envelopes.slice(from, from + REQUEST_ITEMS));
    fed += envelopes.length;
    read += rows;
    if (read >= ROWS) break;
  }
  return fed;
};

if (!existsSync(file)) test.todo('Online Retail over all mixes: not run, ../shared/data is not here');
else
  engine('TRIBUTARY_TEST_KAFKA_URL', (kafkaUrl) =>
    overMixes(kafkaUrl, {
      what: `Online Retail, ${ROWS} of its rows`,
      into: feedRetail,
      customers: ROWS / 200,
      patience_ms: 120_000 + ROWS,
    }),
  );
