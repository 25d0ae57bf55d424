import { Command, InvalidArgumentError } from 'commander';

/** A command whose help ends with examples that teach; `says` describes its arguments by name. */
export const command = (
  nameAndArguments: string,
  description: string,
  examples: readonly (readonly [line: string, why: string])[],
  says: Readonly<Record<string, string>> = {},
): Command => {
  const [name = '', ...args] = nameAndArguments.split(' ');
  const made = new Command(name).description(description);
  for (const arg of args) made.argument(arg, says[arg] ?? '');
  if (examples.length > 0)
    made.addHelpText(
      'after',
      `\nExamples:\n${examples.map(([line, why]) => `  # ${why}\n  $ npx tributary ${line}`).join('\n\n')}`,
    );
  return made;
};

/** A whole number from 1 to `most`. */
export const countUpTo =
  (most: number) =>
  (text: string): number => {
    const n = /^\d{1,9}$/.test(text) ? Number(text) : 0;
    if (n < 1 || n > most) throw new InvalidArgumentError(`Write a whole number from 1 to ${most}.`);
    return n;
  };
