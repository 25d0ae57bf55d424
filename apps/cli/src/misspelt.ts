import { nearest } from '@tributary/intake';
import { globalOptions } from './settings.js';

const PREFIX = 'TRIBUTARY_';
/** Read by options of single commands. */
const ofCommands = ['TRIBUTARY_HOST', 'TRIBUTARY_SQL_PORT'];

export interface Misspelt {
  readonly name: string;
  readonly meant: string;
}

/**
 * Names in the environment that nothing reads and that are nearly one that is read. To be told and no more: Kubernetes puts
 * names of its own there for every service. Untold, an engine that was meant is quietly left out.
 * @param engineSettings names of settings beside those of the command line
 */
export const misspeltSettings = (
  env: Readonly<NodeJS.ProcessEnv>,
  engineSettings: readonly string[],
): readonly Misspelt[] => {
  const own = globalOptions.flatMap(({ envVar }) => envVar ?? []);
  const known = new Set([...engineSettings, ...own, ...ofCommands]);
  const words = [...known].map((name) => name.slice(PREFIX.length));
  return Object.keys(env).flatMap((name) => {
    if (!name.startsWith(PREFIX) || known.has(name)) return [];
    const meant = nearest(name.slice(PREFIX.length), words);
    return meant === null ? [] : [{ name, meant: `${PREFIX}${meant}` }];
  });
};
