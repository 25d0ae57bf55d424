import { type Command } from 'commander';
import { usage } from '../failure.js';
import { type QuarantinedItem } from '../http/api.js';
import { answer } from '../print/answer.js';
import { counted } from '../print/numbers.js';
import { heldName } from '../import/deliver-batch.js';
import { allOf, someOf } from '../quarantine/items.js';
import { settling } from '../quarantine/settling.js';
import { withServer } from '../server/with-server.js';
import { settingsOf } from '../settings.js';
import { type Surroundings } from '../surroundings.js';
import { command } from './command.js';
import { reasonOption } from './decide.js';

interface DiscardOptions {
  readonly all?: boolean;
  readonly file?: string;
  readonly reason: string;
}

export const quarantineDiscardCommand = (surroundings: Surroundings): Command =>
  command('discard <channel> [offsets...]', 'take what is not wanted, or was mended elsewhere, off the list', [
    ['quarantine discard web_shop 12 13 --reason "a test of the new shop"', 'two of them'],
    ['quarantine discard web_shop --file orders.csv --reason "mended and imported again"', 'the rows of a file'],
    ['quarantine discard web_shop --all --reason "sent by a broken release"', 'all that waits there'],
  ])
    .requiredOption('--reason <text>', reasonOption)
    .option('--file <name>', 'the rows of this file, named without its folder')
    .option('--all', 'everything that waits there when the command begins')
    .addHelpText(
      'after',
      `
Nothing is deleted: until the retention is over they are seen with \`quarantine list --settled\`, and can be replayed.`,
    )
    .action(async (channel: string, offsets: readonly string[], given: DiscardOptions, self: Command) => {
      const settings = settingsOf(self);
      const { all = false, file, reason } = given;
      if ([offsets.length > 0, all, file !== undefined].filter(Boolean).length !== 1)
        throw usage('it is not said what to discard', 'name offsets, or --file, or --all');
      await withServer(settings, surroundings, { changes: true }, async ({ client }) => {
        const unwanted = settling(client, channel, 'discarded', reason);
        const items = offsets.length > 0 ? someOf(client, channel, offsets) : allOf(client, channel, { bytes: false });
        for await (const item of items) if (file === undefined || isRowOf(file, item)) await unwanted.add(item.offset);
        answer(
          { discarded: await unwanted.flush() },
          ({ discarded }) => `${counted(discarded, 'item')} discarded\n`,
          settings,
          surroundings,
        );
      });
    });

/** A row's position is `<file>:<line>` where the reader refused it, `<file> row <row>` where the door did. */
const isRowOf = (file: string, { origin, position = '' }: QuarantinedItem): boolean => {
  const name = heldName(file);
  return origin === 'file' && position.startsWith(name) && /^(?::\d+| row \d+)$/.test(position.slice(name.length));
};
