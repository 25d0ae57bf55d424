import { type Command, Option } from 'commander';
import { usage } from '../failure.js';
import { type QuarantinedItem } from '../http/api.js';
import { answer, hint } from '../print/answer.js';
import { grouped } from '../print/numbers.js';
import { table } from '../print/table.js';
import { minute } from '../print/timeline-text.js';
import { itemAt, requireChannel } from '../quarantine/items.js';
import { reasonGist, reasonText } from '../quarantine/reason-text.js';
import { withServer } from '../server/with-server.js';
import { settingsOf } from '../settings.js';
import { type Surroundings } from '../surroundings.js';
import { command, countUpTo } from './command.js';
import { quarantineDiscardCommand } from './quarantine-discard.js';
import { quarantineReplayCommand } from './quarantine-replay.js';

export const quarantineCommand = (surroundings: Surroundings): Command =>
  command('quarantine', 'see, mend, replay or discard what could not be understood', [
    ['quarantine list', 'how much waits, by channel'],
    ['quarantine replay web_shop --all', 'all that waits there, when its cause is gone'],
  ])
    .addCommand(listCommand(surroundings))
    .addCommand(showCommand(surroundings))
    .addCommand(quarantineReplayCommand(surroundings))
    .addCommand(quarantineDiscardCommand(surroundings));

const listCommand = (surroundings: Surroundings): Command =>
  command('list [channel]', 'how much each channel holds, or what one holds and why', [
    ['quarantine list', 'by channel'],
    ['quarantine list web_shop', 'one by one, with the reasons'],
    ['quarantine list web_shop --settled', 'what was replayed or discarded, until the retention takes it'],
  ])
    .addOption(new Option('--limit <n>', 'how many').default(50).argParser(countUpTo(500)))
    .option('--after <offset>', 'go on where a page ended')
    .option('--settled', 'those of the channel that wait no longer')
    .action(async (channel: string | undefined, given: ListOptions, self: Command) => {
      const settings = settingsOf(self);
      if (channel === undefined && given.settled) throw usage('no channel is named', 'say of which channel');
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
        const { limit, after, settled = false } = given;
        const page = await client.quarantine(channel, {
          limit,
          bytes: false,
          ...(settled ? { state: 'settled' } : {}),
          ...(after === undefined ? {} : { after }),
        });
        if (page.end === 0) await requireChannel(client, channel);
        answer(page, ({ items }) => listText(items, settled), settings, surroundings);
        if (page.next !== null) hint(`more: --after ${page.next}`, settings, surroundings);
      });
    });

interface ListOptions {
  readonly limit: number;
  readonly after?: string;
  readonly settled?: boolean;
}

const listText = (items: readonly QuarantinedItem[], settled: boolean): string =>
  items.length === 0
    ? settled
      ? 'nothing was replayed or discarded\n'
      : 'nothing is held\n'
    : table(
        [
          { title: 'OFFSET', align: 'right' },
          { title: 'RECEIVED' },
          { title: 'FROM' },
          { title: 'WHERE' },
          ...(settled ? [{ title: 'BECAME' }] : []),
          { title: 'REASON' },
        ],
        items.map(({ offset, receivedAt, origin, position, reason, settled: became }) => [
          String(offset),
          minute(receivedAt),
          origin,
          position ?? '',
          ...(settled ? [became ?? ''] : []),
          reasonGist(reason),
        ]),
      );

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
                ...(item.settled === undefined ? [] : [['since then', item.settled]]),
              ],
            )}\n${bytes.toString('utf8')}\n`,
          settings,
          surroundings,
        );
      });
    });
