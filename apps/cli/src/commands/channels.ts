import { type Command } from 'commander';
import { type Channel, checkSamples, loadChannels } from '@tributary/intake';
import { ExitCode } from '../exit-code.js';
import { Failure } from '../failure.js';
import { answer } from '../print/answer.js';
import { counted } from '../print/numbers.js';
import { table } from '../print/table.js';
import { settingsOf } from '../settings.js';
import { type Surroundings } from '../surroundings.js';
import { channelAt } from '../import/channel-at.js';
import { tryCommand } from './channels-try.js';
import { command } from './command.js';

export const channelsCommand = (surroundings: Surroundings): Command =>
  command('channels', 'list, test and try the channel files', [
    ['channels list', 'what `tributary import` can take'],
    [
      'channels try my-shop/my_shop.yaml orders.csv',
      'what an import would come to, with a channel file that you are writing',
    ],
  ])
    .addCommand(listCommand(surroundings))
    .addCommand(testCommand(surroundings))
    .addCommand(tryCommand(surroundings));

const listCommand = (surroundings: Surroundings): Command =>
  command('list', 'the channels that have a file in channels/, and the files they read', [
    ['channels list', 'what `tributary import` can take'],
  ]).action(async (_given: unknown, self: Command) => {
    const settings = settingsOf(self);
    const rows = [...loadChannels().values()].map(({ name, title, description, sources }) => ({
      channel: name,
      title,
      description,
      sources: sources.map(({ name: source, files, format }) => ({ name: source, files, format: format.kind })),
    }));
    answer(
      rows,
      () =>
        table(
          [{ title: 'CHANNEL' }, { title: 'TITLE' }, { title: '' }, { title: 'FILES' }],
          rows.map(({ channel, title, sources }) => [
            channel,
            title.en,
            title.zh,
            sources.flatMap(({ files, format }) => (files.length > 0 ? files : [`any ${format}`])).join(' '),
          ]),
        ),
      settings,
      surroundings,
    );
  });

const testCommand = (surroundings: Surroundings): Command =>
  command(
    'test [names...]',
    'run the samples that channel files carry; names may be paths of files that are not shipped',
    [
      ['channels test', 'all of them'],
      ['channels test my-shop/my_shop.yaml', 'one that you are writing'],
    ],
  ).action(async (names: readonly string[], _given: unknown, self: Command) => {
    const settings = settingsOf(self);
    const channels = await chosen(names);
    const outcomes = channels.map((channel) => ({ channel: channel.name, samples: checkSamples(channel) }));
    const problems = outcomes.flatMap(({ channel, samples }) =>
      samples.flatMap(({ title, problems: found }) => found.map((problem) => `${channel}: ${title}: ${problem}`)),
    );
    answer(
      outcomes,
      () =>
        outcomes
          .map(
            ({ channel, samples }) =>
              `${samples.every(({ problems: found }) => found.length === 0) ? 'ok    ' : 'WRONG '} ${channel}: ${samples.length === 0 ? 'no samples, so only the file itself was looked at' : counted(samples.length, 'sample')}\n`,
          )
          .join('') + problems.map((line) => `  ${line}\n`).join(''),
      settings,
      surroundings,
    );
    if (problems.length > 0)
      throw new Failure(
        ExitCode.failed,
        `${counted(problems.length, 'problem')} in samples`,
        'mend the mapping, or what the sample expects',
      );
  });

const chosen = async (names: readonly string[]): Promise<readonly Channel[]> =>
  names.length === 0 ? [...loadChannels().values()] : Promise.all(names.map(channelAt));
