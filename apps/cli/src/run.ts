import { CommanderError } from 'commander';
import { ExitCode } from './exit-code.js';
import { Failure, failureOf, usage } from './failure.js';
import { program } from './program.js';
import { type Surroundings } from './surroundings.js';

/** Runs one command line (without node and script). Answers the exit code; prints what failed as one line. */
export const run = async (argv: readonly string[], surroundings: Surroundings): Promise<ExitCode> => {
  const root = program(surroundings, isForMachines(argv));
  try {
    await root.parseAsync(argv, { from: 'user' });
    return ExitCode.ok;
  } catch (error) {
    // Help and version end the same way as errors do; commander has told people already what was wrong.
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return ExitCode.ok;
      if (isForMachines(argv)) say(usageOf(error), { json: true }, surroundings);
      return ExitCode.usage;
    }
    const failure =
      surroundings.interrupted.aborted && !(error instanceof Failure)
        ? new Failure(ExitCode.interrupted, 'interrupted', null, { cause: error })
        : failureOf(error);
    say(failure, root.opts<{ json?: boolean; debug?: boolean }>(), surroundings);
    return failure.exit;
  }
};

/** Looked for in the words themselves: where the usage is wrong, nobody has read the options. */
const isForMachines = (argv: readonly string[]): boolean => {
  const end = argv.indexOf('--');
  return argv.slice(0, end < 0 ? argv.length : end).includes('--json');
};

const usageOf = ({ code, message }: CommanderError): Failure =>
  usage(
    code === 'commander.help' ? 'a command is missing' : message.replace(/^error: /, '').replaceAll('\n', ' '),
    '--help shows how it is used, with examples',
  );

const say = (
  failure: Failure,
  { json, debug }: { json?: boolean; debug?: boolean },
  { stderr }: Surroundings,
): void => {
  stderr.write(
    json
      ? `${JSON.stringify({ error: { exit: failure.exit, message: failure.message, remedy: failure.remedy } })}\n`
      : `tributary: ${failure.line}\n`,
  );
  if (!debug) return;
  for (let error: unknown = failure; error instanceof Error; error = error.cause)
    stderr.write(`${error.stack ?? error.message}\n`);
};
