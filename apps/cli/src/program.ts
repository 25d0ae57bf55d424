import { Command, Help } from 'commander';
import { backupCommand } from './commands/backup.js';
import { channelsCommand } from './commands/channels.js';
import { explainCommand, profileCommand, timelineCommand } from './commands/customer.js';
import { mergeCommand, unmergeCommand } from './commands/decide.js';
import { eraseCommand } from './commands/erase.js';
import { importCommand } from './commands/import.js';
import { keyCommand } from './commands/key.js';
import { rebuildCommand, verifyCommand } from './commands/projections.js';
import { quarantineCommand } from './commands/quarantine.js';
import { retentionCommand } from './commands/retention.js';
import { runCommand } from './commands/run.js';
import { sqlCommand } from './commands/sql.js';
import { statusCommand } from './commands/status.js';
import { upCommand } from './commands/up.js';
import { exitCodeHelp } from './exit-code.js';
import { globalOptions } from './settings.js';
import { type Surroundings } from './surroundings.js';

const groups: readonly (readonly [heading: string, make: readonly ((surroundings: Surroundings) => Command)[]])[] = [
  ['Run:', [upCommand, runCommand, statusCommand, keyCommand]],
  ['Bring data in:', [importCommand, channelsCommand, quarantineCommand]],
  ['Look at customers:', [profileCommand, timelineCommand, explainCommand, sqlCommand]],
  ['Decide:', [mergeCommand, unmergeCommand, eraseCommand, retentionCommand]],
  ['Look after it:', [backupCommand, verifyCommand, rebuildCommand]],
];

/** Help in which what must be given looks so. */
const help: Partial<Help> = {
  showGlobalOptions: true,
  sortSubcommands: false,
  commandUsage(command) {
    const needed = command.options.filter(({ mandatory }) => mandatory).map(({ flags }) => flags);
    return Help.prototype.commandUsage.call(this, command).replace('[options]', ['[options]', ...needed].join(' '));
  },
  optionDescription(option) {
    const text = Help.prototype.optionDescription.call(this, option);
    return option.mandatory ? `${text} (required)` : text;
  },
};

/**
 * The whole command line. Commands throw `Failure`; wrong usage throws `CommanderError`, and people are told of it here.
 * @param isForMachines they are told by whoever catches it
 */
export const program = (surroundings: Surroundings, isForMachines = false): Command => {
  const { stdout, stderr } = surroundings;
  const root = new Command('tributary').description(
    'Tributary: one customer out of every touchpoint.  让每个触点汇成同一位客户。',
  );
  root
    .version('0.1.0', '--version', 'print the version')
    .helpOption('-h, --help', 'show this help; with a command, that command’s');
  for (const option of globalOptions) root.addOption(option);
  for (const [heading, make] of groups) for (const each of make) root.addCommand(each(surroundings).helpGroup(heading));
  root.addHelpText(
    'after',
    `
It works beside a running server on the same data folder, and without one: then it runs the platform for as long as
the command takes. With --url (TRIBUTARY_URL) it asks a platform that runs elsewhere, or as several processes.

Begin:
  $ npx tributary up                                              # everything, with a sample, on 127.0.0.1:8080
  $ npx tributary import web_shop events.ndjson                   # data of yours, from a file
  $ npx tributary profile phone=17400558199                       # one customer of the sample, by any identifier
  $ npx tributary explain phone=17400558199 lifecycle.tier.stage  # why

Elsewhere:
  $ export TRIBUTARY_URL=https://api.example.com TRIBUTARY_COLLECTOR_URL=https://in.example.com TRIBUTARY_KEY=trib_admin_…
  $ npx tributary status

${exitCodeHelp}`,
  );
  const settle = (each: Command): void => {
    each
      .exitOverride()
      .showSuggestionAfterError()
      .showHelpAfterError('(--help shows how it is used, with examples)')
      .configureHelp(help)
      .configureOutput({
        writeOut: (text) => void stdout.write(text),
        writeErr: (text) => void (isForMachines || stderr.write(text)),
        getOutHelpWidth: () => stdout.columns ?? 110,
        getErrHelpWidth: () => stderr.columns ?? 110,
        outputError: (text, write) => write(text.replace(/^error: /, 'tributary: ')),
      });
    each.commands.forEach(settle);
  };
  settle(root);
  return root;
};
