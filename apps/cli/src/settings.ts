import { resolve } from 'node:path';
import { type Command, Option } from 'commander';

/** The options that every command has. */
export interface Settings {
  readonly dataDir: string;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly debug: boolean;
}

export const globalOptions: readonly Option[] = [
  new Option('--data <folder>', 'the data folder').env('TRIBUTARY_DATA').default('./data'),
  new Option('--json', 'answer in JSON, for machines'),
  new Option('--quiet', 'no progress and no hints, only the answer'),
  new Option('--debug', 'on a failure, show where in the code it happened').env('TRIBUTARY_DEBUG'),
];

export const settingsOf = (command: Command): Settings => {
  const given = command.optsWithGlobals<{ data: string; json?: boolean; quiet?: boolean; debug?: boolean }>();
  return {
    dataDir: resolve(given.data),
    json: given.json ?? false,
    quiet: given.quiet ?? false,
    debug: given.debug ?? false,
  };
};
