import { createInterface } from 'node:readline/promises';
import { usage } from '../failure.js';
import { type Settings } from '../settings.js';
import { type Surroundings } from '../surroundings.js';

/** Asks whoever sits there whether `what` is meant; throws `Failure` (usage) unless it is. */
export const confirm = async (
  what: string,
  isSure: boolean,
  { json }: Settings,
  { stdin, stderr, interrupted }: Surroundings,
): Promise<void> => {
  if (isSure) return;
  if (json || !stdin.isTTY || !stderr.isTTY) throw usage(`${what} cannot be undone`, 'add --yes');
  const asking = createInterface({ input: stdin, output: stderr });
  try {
    const said = await asking.question(`${what[0]?.toUpperCase()}${what.slice(1)} cannot be undone. Type yes: `, {
      signal: interrupted,
    });
    if (said.trim() !== 'yes') throw usage('nothing was done', 'type yes, or add --yes');
  } finally {
    asking.close();
  }
};
