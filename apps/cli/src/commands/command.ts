import { Command } from 'commander';
import { globalOptions } from '../settings.js';

/** A command with the options that every command has, shown apart in its help, and examples that teach. */
export const command = (nameAndArguments: string, description: string, examples: readonly (readonly [line: string, why: string])[]): Command => {
  const made = new Command(nameAndArguments).description(description);
  return withGlobals(made).addHelpText('after', `\nExamples:\n${examples.map(([line, why]) => `  # ${why}\n  $ npx tributary ${line}\n`).join('\n')}`);
};

export const withGlobals = (made: Command): Command => {
  made.optionsGroup('Everywhere:');
  for (const option of globalOptions) made.addOption(option);
  made.optionsGroup('Options:');
  return made;
};
