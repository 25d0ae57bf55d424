import { type Settings } from '../settings.js';
import { type Surroundings } from '../surroundings.js';

/** The command's answer: JSON for machines, else as `text` puts it. */
export const answer = <T>(value: T, text: (value: T) => string, { json }: Settings, { stdout }: Surroundings): void => {
  stdout.write(json ? `${JSON.stringify(value, null, 2)}\n` : text(value));
};

/** A line for the person that watches; never part of the answer. */
export const hint = (line: string, { json, quiet }: Settings, { stderr }: Surroundings): void => {
  if (!json && !quiet) stderr.write(`${line}\n`);
};
