import { basename } from 'node:path';
import { type Command } from 'commander';
import { type Channel, channelNamed, chooseOfFile, loadChannels } from '@tributary/intake';
import { ExitCode } from '../exit-code.js';
import { Failure } from '../failure.js';
import { type Status } from '../http/api.js';
import { checkFiles } from '../import/check-files.js';
import { checkpointsOf } from '../import/checkpoint.js';
import { type FileOutcome, importFile } from '../import/import-file.js';
import { type Effect, summaryJson, summaryText } from '../import/summary.js';
import { answer, hint } from '../print/answer.js';
import { counted } from '../print/numbers.js';
import { openProgress } from '../print/progress.js';
import { settle } from '../server/settle.js';
import { type Connected, withServer } from '../server/with-server.js';
import { notesDir, type Settings, settingsOf } from '../settings.js';
import { type Surroundings } from '../surroundings.js';
import { command } from './command.js';

interface Given {
  readonly entry?: string;
  readonly again?: boolean;
}

export const importCommand = (surroundings: Surroundings): Command =>
  command('import <channel> <files...>', 'take files (CSV, NDJSON, text; plain, .gz or .zip) in through a channel', [
    ['import online_retail online_retail.csv.gz', 'one file; every row is accounted for at the end'],
    ['import stackexchange_meta users.csv.gz posts.csv.gz', 'several files of one channel, in this order'],
    ['channels list', 'which channels there are, and which file names they read'],
    ['channels try online_retail online_retail.csv.gz', 'the account alone: nothing is sent'],
  ])
    .option('--entry <name>', 'which file within a .zip (default: the only one that the channel reads)')
    .option('--again', 'take a file again that was taken to its end; what is known already is not counted twice')
    .addHelpText(
      'after',
      `
It may be stopped (Ctrl-C) at any time: the same command goes on where it was. Rows that cannot be understood go to
the quarantine with their bytes and the reason (\`tributary quarantine list\`). A file is known by its content: one
that was taken before is not sent again. Taken again, its bad rows are known while they are among the newest 20,000 that
the channel's quarantine holds; others, and those of a file that was changed, are held once more.`,
    )
    .action(async (name: string, files: readonly string[], given: Given, self: Command) => {
      const settings = settingsOf(self);
      const channel = findChannel(name);
      await checkFiles(channel, files, given.entry);
      const { interrupted } = surroundings;
      const summary = await withServer(settings, surroundings, { changes: true, begins: true }, async (connected) => {
        const importing: Importing = { ...connected, channel, given, settings, surroundings };
        const before = await connected.client.status();
        const outcomes: FileOutcome[] = [];
        for (const path of files) if (!interrupted.aborted) outcomes.push(await importOne(importing, path));
        const effect = interrupted.aborted ? null : await effectOf(importing, outcomes, before);
        return { channel: channel.name, files: outcomes, effect };
      });
      answer(summaryJson(summary), () => summaryText(summary), settings, surroundings);
      if (interrupted.aborted)
        throw new Failure(ExitCode.interrupted, 'interrupted', 'the same command goes on where it was');
      const damaged = summary.files.filter(({ damage }) => damage !== null);
      if (damaged.length > 0)
        throw new Failure(
          ExitCode.failed,
          `damaged, and taken as far as it could be read: ${damaged.map(({ file }) => file).join(', ')}`,
          'fetch the whole file and import it again',
        );
      sayWhatWasHeld(summary.files, channel.name, settings, surroundings);
    });

/** Of a file that nothing was understood of the command fails; of others it says where the bad rows are. */
const sayWhatWasHeld = (
  files: readonly FileOutcome[],
  channel: string,
  settings: Settings,
  surroundings: Surroundings,
): void => {
  const lost = files.filter(({ ledger }) => ledger.quarantined > 0 && ledger.covered === 0);
  if (lost.length > 0)
    throw new Failure(
      ExitCode.failed,
      `nothing was understood of ${lost.map(({ file }) => file).join(', ')}: all of its rows are in the quarantine`,
      `see why above or with \`tributary quarantine list ${channel}\`, mend the channel file or the file, and import it again`,
    );
  const held = files.reduce((sum, { ledger }) => sum + ledger.quarantined, 0);
  if (held > 0)
    hint(`${counted(held, 'row')} in the quarantine: \`tributary quarantine list ${channel}\``, settings, surroundings);
};

const findChannel = (name: string): Channel => {
  const channels = loadChannels();
  try {
    return channelNamed(name, channels);
  } catch (error) {
    if (error instanceof RangeError)
      throw new Failure(ExitCode.notFound, error.message.replace(/\.$/, ''), 'see `tributary channels list`');
    throw error;
  }
};

interface Importing extends Connected {
  readonly channel: Channel;
  readonly given: Given;
  readonly settings: Settings;
  readonly surroundings: Surroundings;
}

const importOne = async (importing: Importing, path: string): Promise<FileOutcome> => {
  const { client, channel, settings, surroundings } = importing;
  const { entry, again } = importing.given;
  const zipEntry = entry === undefined ? {} : { entry };
  const checkpoints = await checkpointsOf(notesDir(settings), channel, path, await chooseOfFile(channel, path, entry));
  const progress = openProgress(basename(path), 'rows', settings, surroundings);
  try {
    return await importFile({
      client,
      channel,
      path,
      checkpoints,
      signal: surroundings.interrupted,
      again: again ?? false,
      ...zipEntry,
      onProgress: (rows, bytesRead, bytesTotal) => progress.update(bytesRead, bytesTotal, rows),
    });
  } finally {
    progress.stop();
  }
};

/**
 * Waits until the platform has counted what was sent. The doors do not know what is new: the difference of the channel's
 * numbers does, as far as nobody else wrote to it.
 */
const effectOf = async (
  importing: Importing,
  files: readonly FileOutcome[],
  before: Status,
): Promise<Effect | null> => {
  const { client, isOwn, settings, surroundings } = importing;
  const sent = files.reduce((sum, file) => sum + file.sent, 0);
  if (sent === 0) return { fresh: 0, duplicates: 0, isOfOthers: false };
  const progress = openProgress('taking effect', 'touchpoints', settings, surroundings);
  const since = (status: Status): Effect => {
    const [was, is] = [before, status].map(({ channels }) =>
      channels.find((each) => each.channel === importing.channel.name),
    );
    const fresh = (is?.accepted ?? 0) - (was?.accepted ?? 0);
    const duplicates = (is?.duplicates ?? 0) - (was?.duplicates ?? 0);
    return { fresh, duplicates, isOfOthers: fresh + duplicates > sent };
  };
  try {
    const status = await settle(client, {
      beside: !isOwn,
      signal: surroundings.interrupted,
      until: (now) => {
        const { fresh, duplicates } = since(now);
        progress.update(Math.min(fresh + duplicates, sent), sent, fresh + duplicates);
        return fresh + duplicates >= sent;
      },
    });
    return since(status);
  } catch (error) {
    if (surroundings.interrupted.aborted) return null;
    throw error;
  } finally {
    progress.stop();
  }
};
