import { basename } from 'node:path';
import { type Command, Option } from 'commander';
import { countChannelFile, type FileAccount } from '@tributary/intake';
import { ExitCode } from '../exit-code.js';
import { Failure } from '../failure.js';
import { channelAt } from '../import/channel-at.js';
import { checkFiles } from '../import/check-files.js';
import { accountText } from '../import/summary.js';
import { answer } from '../print/answer.js';
import { grouped } from '../print/numbers.js';
import { settingsOf } from '../settings.js';
import { type Surroundings } from '../surroundings.js';
import { command, countUpTo } from './command.js';

interface Tried extends FileAccount {
  readonly file: string;
}

export const tryCommand = (surroundings: Surroundings): Command =>
  command('try <channel> <files...>', 'say what an import of files would come to; nothing is sent', [
    ['channels try my-shop/my_shop.yaml orders.csv', 'with a channel file that you are writing'],
    ['channels try my-shop/my_shop.yaml orders.csv --show 2', 'and the first two touchpoints, as they would be sent'],
  ])
    .addOption(new Option('--show <n>', 'the first touchpoints of each file').default(0).argParser(countUpTo(1_000)))
    .option('--entry <name>', 'which file within a .zip (default: the only one that the channel reads)')
    .action(async (name: string, files: readonly string[], given: { show: number; entry?: string }, self: Command) => {
      const channel = await channelAt(name);
      await checkFiles(channel, files, given.entry);
      const options = { receivedAt: Date.now(), first: given.show };
      const entry = given.entry === undefined ? {} : { entry: given.entry };
      const tried: Tried[] = [];
      for (const path of files)
        tried.push({ file: basename(path), ...(await countChannelFile(channel, path, { ...options, ...entry })) });
      answer(tried, () => tried.map(triedText).join('\n'), settingsOf(self), surroundings);
      const lost = tried.filter(({ rejected, covered, damage }) => damage !== null || (rejected > 0 && covered === 0));
      if (lost.length > 0)
        throw new Failure(
          ExitCode.failed,
          `damaged, or nothing was understood: ${lost.map(({ file }) => file).join(', ')}`,
          'see why above; mend the channel file, or the file',
        );
    });

/**
 * As it is sent, but for the instant, of which nobody sees in milliseconds whether the zone was right. One that its producer wrote
 * as text is shown as that.
 */
const readable = (touchpoint: FileAccount['first'][number]): unknown => {
  const { occurredAt } = touchpoint;
  return typeof occurredAt === 'number'
    ? { ...touchpoint, occurredAt: new Date(occurredAt).toISOString() }
    : touchpoint;
};

const triedText = ({
  file,
  rejected,
  byType,
  anonymous,
  first,
  damage,
  repeats,
  unkept,
  ...account
}: Tried): string => {
  const reasons = Object.entries(account.reasons).map(([reason, n]) => [`${reason} (${account.places[reason]})`, n]);
  const types = Object.entries(byType).map(([type, n]) => `${grouped(n)} ${type}`);
  const made = types.length > 0 ? [`${types.join(', ')}; ${grouped(anonymous)} of them name nobody`] : [];
  const lost = Object.entries(unkept).map(([type, n]) => `${grouped(n)} ${type}`);
  const ends = [
    ...made,
    ...(lost.length > 0 ? [`placeholders, masked or blocked values that name nobody: ${lost.join(', ')}`] : []),
    ...(repeats > 0 ? [`${grouped(repeats)} repeat a messageId of this file, and would count as known already`] : []),
    ...(damage === null ? [] : [`the file is damaged: ${damage}`]),
  ];
  return [
    `${file}  (nothing was sent)\n`,
    accountText({ ...account, reasons: Object.fromEntries(reasons), quarantined: rejected }, ''),
    ...ends.map((end) => `  ${end}\n`),
    ...first.map((touchpoint) => `${JSON.stringify(readable(touchpoint), null, 2)}\n`),
  ].join('');
};
