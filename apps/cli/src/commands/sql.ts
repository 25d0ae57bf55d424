import { readFile } from 'node:fs/promises';
import { text as textOf } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { type Command } from 'commander';
import { ExitCode } from '../exit-code.js';
import { Failure, usage } from '../failure.js';
import { sqlAnswer } from '../http/sql-answer.js';
import { withServer } from '../server/with-server.js';
import { type Settings, settingsOf } from '../settings.js';
import { type Surroundings } from '../surroundings.js';
import { command } from './command.js';

interface Given {
  readonly format?: string;
  readonly file?: string;
}

export const sqlCommand = (surroundings: Surroundings): Command =>
  command(
    'sql [query]',
    'ask the warehouse in ClickHouse SQL (read only); the query is - or left out: from standard input',
    [
      ['sql "SHOW TABLES"', 'which tables and views there are'],
      ['sql "SELECT tier, count() FROM dim_customer GROUP BY tier ORDER BY 2 DESC"', 'customers by tier'],
      ['sql "SELECT * FROM rfm LIMIT 100" --format CSVWithNames > rfm.csv', 'any of ClickHouse’s formats'],
      ['sql --file report.sql --json', 'a query from a file, as JSON'],
    ],
  )
    .option(
      '--format <name>',
      'a ClickHouse format (default: PrettyCompactMonoBlock on a terminal, TabSeparated elsewhere, JSON with --json)',
    )
    .option('--file <path>', 'read the query from a file')
    .action(async (query: string | undefined, given: Given, self: Command) => {
      const settings = settingsOf(self);
      const text = await queryText(query, given, surroundings);
      await withServer(settings, surroundings, { changes: false }, async ({ client }) => {
        const incoming = await client.sql(text, formatOf(given, settings, surroundings));
        if (incoming.statusCode === 200) return pipeline(sqlAnswer(incoming), surroundings.stdout, { end: false });
        const message = (await textOf(incoming)).trim().replace(/\s+/g, ' ');
        const status = incoming.statusCode ?? 500;
        throw new Failure(
          status === 401 || status === 403 || status === 516 ? ExitCode.refused : ExitCode.failed,
          message === '' ? `the SQL listener answered ${status}` : message,
        );
      });
    });

const queryText = async (query: string | undefined, { file }: Given, { stdin }: Surroundings): Promise<string> => {
  if (file !== undefined && query !== undefined)
    throw usage('there are two queries', 'give one: as an argument, or with --file');
  if (query === undefined && file === undefined && stdin.isTTY)
    throw usage('there is no query', 'write one in quotes: tributary sql "SHOW TABLES"');
  const text =
    file !== undefined
      ? await readFile(file, 'utf8')
      : query === undefined || query === '-'
        ? await textOf(stdin)
        : query;
  if (text.trim() === '') throw usage('the query is empty', 'write one in quotes: tributary sql "SHOW TABLES"');
  return text;
};

const formatOf = ({ format }: Given, { json }: Settings, { stdout }: Surroundings): string =>
  format ?? (json ? 'JSON' : stdout.isTTY ? 'PrettyCompactMonoBlock' : 'TabSeparated');
