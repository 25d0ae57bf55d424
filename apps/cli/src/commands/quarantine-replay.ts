import { readFile } from 'node:fs/promises';
import { type Command } from 'commander';
import { isChannelName } from '@tributary/domain';
import { ExitCode } from '../exit-code.js';
import { Failure, usage } from '../failure.js';
import { answer } from '../print/answer.js';
import { grouped } from '../print/numbers.js';
import { allOf, someOf } from '../quarantine/items.js';
import { notedReplays } from '../quarantine/noted-replays.js';
import { replay, type ReplayOutcome } from '../quarantine/replay.js';
import { withServer } from '../server/with-server.js';
import { notesDir, settingsOf } from '../settings.js';
import { type Surroundings } from '../surroundings.js';
import { command } from './command.js';

/** So many reasons are told one by one. */
const MOST_REFUSED = 20;

export const quarantineReplayCommand = (surroundings: Surroundings): Command =>
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
    .option('--all', 'everything that waits there when the command begins')
    .addHelpText(
      'after',
      `
Each goes to the door that it came to, and has the time that it would have had then. What is understood leaves the list;
what is not understood this time either is held as before, not a second time. Rows of files are mended in the file, and
the file is imported again; then they can be discarded.`,
    )
    .action(
      async (channel: string, offsets: readonly string[], given: { with?: string; all?: boolean }, self: Command) => {
        const settings = settingsOf(self);
        if (offsets.length > 0 === (given.all ?? false))
          throw usage('it is not said what to replay', 'name offsets, or --all');
        if (given.with !== undefined && offsets.length !== 1)
          throw usage('mended bytes are those of one offset', 'name it alone');
        const mended = given.with === undefined ? undefined : await readFile(given.with);
        // A file of this name is looked for only where the name is one of a channel.
        const noted = isChannelName(channel) ? await notedReplays(notesDir(settings), channel) : undefined;
        await withServer(settings, surroundings, { changes: true }, async ({ client }) => {
          const items = given.all ? allOf(client, channel, { bytes: true }) : someOf(client, channel, offsets);
          const outcome = await replay(client, channel, items, mended, noted);
          answer(outcome, outcomeText, settings, surroundings);
          if (outcome.refused.length > 0)
            throw new Failure(
              ExitCode.failed,
              'some are not understood yet',
              'see why with `tributary quarantine show`, and mend them',
            );
          // Beside `--all` they are passed over; whoever names one has waited for its replay.
          if (outcome.files > 0 && !given.all)
            throw new Failure(
              ExitCode.failed,
              'rows of files are not replayed as they are',
              'mend the file and import it again, or give the mended touchpoint of the one offset with `--with`',
            );
        });
      },
    );

const outcomeText = ({ accepted, before, refused, files }: ReplayOutcome): string => {
  const untold = refused.length - MOST_REFUSED;
  const lines = [`${grouped(accepted)} accepted`];
  if (before > 0) lines.push(`${grouped(before)} replayed before`);
  if (refused.length > 0)
    lines.push(
      `${grouped(refused.length)} not understood this time either; they are held as before:`,
      ...refused.slice(0, MOST_REFUSED).map(({ offset, why }) => `  ${offset}  ${why}`),
    );
  if (untold > 0) lines.push(`  and ${grouped(untold)} more`);
  if (files > 0)
    lines.push(`${grouped(files)} came from files: mend the file (or the channel file) and import it again`);
  return `${lines.join('\n')}\n`;
};
