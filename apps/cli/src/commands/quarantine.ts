import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { ExitCode } from '../exit-code.js';
import { Failure, usage } from '../failure.js';
import { type QuarantinedItem } from '../http/api.js';
import { type Client } from '../http/client.js';
import { answer, hint } from '../print/answer.js';
import { grouped } from '../print/numbers.js';
import { table } from '../print/table.js';
import { minute } from '../print/timeline-text.js';
import { replay } from '../quarantine/replay.js';
import { withServer } from '../server/with-server.js';
import { notesDir, settingsOf } from '../settings.js';
import { type Surroundings } from '../surroundings.js';
import { command, countUpTo } from './command.js';

export const quarantineCommand = (surroundings: Surroundings): Command =>
  command('quarantine', 'see, mend and replay what could not be understood', [])
    .addCommand(listCommand(surroundings))
    .addCommand(showCommand(surroundings))
    .addCommand(replayCommand(surroundings));

const listCommand = (surroundings: Surroundings): Command =>
  command('list [channel]', 'how much each channel holds, or what one holds and why', [
    ['quarantine list', 'by channel'],
    ['quarantine list web_shop', 'one by one, with the reasons'],
  ])
    .addOption(new Option('--limit <n>', 'how many').default(50).argParser(countUpTo(500)))
    .option('--after <offset>', 'go on where a page ended')
    .action(async (channel: string | undefined, given: { limit: number; after?: string }, self: Command) => {
      const settings = settingsOf(self);
      await withServer(settings, surroundings, { changes: false }, async ({ client }) => {
        if (channel === undefined) {
          const held = (await client.quarantined()).filter(({ held: n }) => n > 0);
          answer(
            held,
            (rows) =>
              rows.length === 0
                ? 'the quarantine is empty\n'
                : table(
                    [{ title: 'CHANNEL' }, { title: 'HELD', align: 'right' }],
                    rows.map(({ channel: name, held: n }) => [name, grouped(n)]),
                  ),
            settings,
            surroundings,
          );
          return;
        }
        const { limit, after } = given;
        const page = await client.quarantine(channel, {
          limit,
          bytes: false,
          ...(after === undefined ? {} : { after }),
        });
        if (page.end === 0) await requireChannel(client, channel);
        answer(page, ({ items }) => listText(items), settings, surroundings);
        if (page.next !== null) hint(`more: --after ${page.next}`, settings, surroundings);
      });
    });

const listText = (items: readonly QuarantinedItem[]): string =>
  items.length === 0
    ? 'nothing is held\n'
    : table(
        [
          { title: 'OFFSET', align: 'right' },
          { title: 'RECEIVED' },
          { title: 'FROM' },
          { title: 'WHERE' },
          { title: 'REASON' },
        ],
        items.map(({ offset, receivedAt, origin, position, reason }) => [
          String(offset),
          minute(receivedAt),
          origin,
          position ?? '',
          reasonText(reason),
        ]),
      );

const reasonText = ({ field, found, expected }: QuarantinedItem['reason']): string =>
  [field, found === '' ? '' : `found ${found}`, expected === '' ? '' : `expected ${expected}`]
    .filter((part) => part !== '')
    .join(', ')
    .replace(/^([^,]+), found /, '$1: found ');

/** Of a channel that nothing was ever held of, asks whether there is one: a misspelt name would pass for an empty one. */
const requireChannel = async (client: Client, name: string): Promise<void> => {
  const known = await client.quarantined();
  if (!known.some(({ channel }) => channel === name))
    throw new Failure(ExitCode.notFound, `there is no channel ${name}`, 'see `tributary status`, which lists them');
};

const showCommand = (surroundings: Surroundings): Command =>
  command('show <channel> <offset>', 'show one: its reason, and its bytes as they came (they may hold personal data)', [
    ['quarantine show web_shop 12', 'the reason and the bytes'],
    ['quarantine show web_shop 12 --raw > mended.json', 'the bytes alone, to mend them'],
  ])
    .option('--raw', 'the bytes alone')
    .action(async (channel: string, offset: string, { raw }: { raw?: boolean }, self: Command) => {
      const settings = settingsOf(self);
      await withServer(settings, surroundings, { changes: false }, async ({ client }) => {
        const item = await itemAt(client, channel, offset);
        const bytes = Buffer.from(item.bytes ?? '', 'base64');
        if (raw) return void surroundings.stdout.write(bytes);
        answer(
          item,
          () =>
            `${table(
              [{ title: '' }, { title: '' }],
              [
                ['reason', reasonText(item.reason)],
                ['remedy', item.reason.remedy],
                ['received', item.receivedAt],
                ['from', `${item.origin} ${item.position ?? ''}`],
                ['size', `${grouped(item.size_bytes)} bytes`],
              ],
            )}\n${bytes.toString('utf8')}\n`,
          settings,
          surroundings,
        );
      });
    });

const itemAt = async (client: Client, channel: string, text: string): Promise<QuarantinedItem> => {
  if (!/^\d{1,15}$/.test(text))
    throw usage('that is not an offset', 'write a number, as `tributary quarantine list <channel>` shows it');
  const offset = Number(text);
  const { items } = await client.quarantine(channel, {
    limit: 1,
    bytes: true,
    ...(offset > 0 ? { after: String(offset - 1) } : {}),
  });
  const [item] = items;
  if (item?.offset !== offset) {
    await requireChannel(client, channel);
    throw new Failure(
      ExitCode.notFound,
      `${channel} holds nothing at ${offset}`,
      'look with `tributary quarantine list`; it may have left with the retention',
    );
  }
  return item;
};

/** So many reasons are told one by one. */
const MOST_REFUSED = 20;

const replayCommand = (surroundings: Surroundings): Command =>
  command(
    'replay <channel> [offsets...]',
    'send what came over HTTP again, as it is or mended; its effect is had once',
    [
      ['quarantine replay web_shop 12 --with mended.json', 'one, with bytes that were mended'],
      [
        'quarantine replay web_shop --all',
        'all, after the cause was mended (a type that was added, a clock that was set)',
      ],
    ],
  )
    .option('--with <file>', 'the mended bytes of the one offset')
    .option('--all', 'everything that the channel holds when the command begins')
    .addHelpText(
      'after',
      `
Each goes to the door that it came to, and has the time that it would have had then. What is not understood this time
either is held as before, not a second time. Rows of files are mended in the file, and the file is imported again.`,
    )
    .action(
      async (channel: string, offsets: readonly string[], given: { with?: string; all?: boolean }, self: Command) => {
        const settings = settingsOf(self);
        if (offsets.length > 0 === (given.all ?? false))
          throw usage('it is not said what to replay', 'name offsets, or --all');
        if (given.with !== undefined && offsets.length !== 1)
          throw usage('mended bytes are those of one offset', 'name it alone');
        const mended = given.with === undefined ? undefined : await readFile(given.with);
        await withServer(settings, surroundings, { changes: true }, async ({ client }) => {
          const items = given.all ? allOf(client, channel) : someOf(client, channel, offsets);
          const outcome = await replay(client, channel, items, mended, notesDir(settings));
          answer(
            outcome,
            ({ accepted, before, refused, files }) => {
              const lines = [
                `${grouped(accepted)} accepted`,
                ...(before > 0 ? [`${grouped(before)} replayed before`] : []),
                ...(refused.length > 0
                  ? [
                      `${grouped(refused.length)} not understood this time either; they are held as before:`,
                      ...refused.slice(0, MOST_REFUSED).map(({ offset, why }) => `  ${offset}  ${why}`),
                      ...(refused.length > MOST_REFUSED
                        ? [`  and ${grouped(refused.length - MOST_REFUSED)} more`]
                        : []),
                    ]
                  : []),
                ...(files > 0
                  ? [`${grouped(files)} came from files: mend the file (or the channel file) and import it again`]
                  : []),
              ];
              return `${lines.join('\n')}\n`;
            },
            settings,
            surroundings,
          );
          if (outcome.refused.length > 0)
            throw new Failure(
              ExitCode.failed,
              'some are not understood yet',
              'see why with `tributary quarantine show`, and mend them',
            );
        });
      },
    );

/** What is held now. What others add meanwhile is left for the next time: beside them this would never end. */
async function* allOf(client: Client, channel: string): AsyncGenerator<QuarantinedItem> {
  let after: string | null = null;
  let end: number | undefined;
  do {
    const page: Awaited<ReturnType<Client['quarantine']>> = await client.quarantine(channel, {
      limit: 100,
      bytes: true,
      ...(after === null ? {} : { after }),
    });
    if (page.end === 0) await requireChannel(client, channel);
    const stop: number = (end ??= page.end);
    yield* page.items.filter(({ offset }) => offset < stop);
    after = page.next !== null && Number(page.next) + 1 < stop ? page.next : null;
  } while (after !== null);
}

async function* someOf(client: Client, channel: string, offsets: readonly string[]): AsyncGenerator<QuarantinedItem> {
  for (const offset of offsets) yield await itemAt(client, channel, offset);
}
