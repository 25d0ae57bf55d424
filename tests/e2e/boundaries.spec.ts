import { expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const options = { cwd: at('../../'), env: { ...process.env, NX_DAEMON: 'false' } };

/** Texts that would stand in a source file of a library, and the rules that they break there. */
const trials: readonly (readonly [library: string, text: string, rules: readonly string[]])[] = [
  ['domain', "export { openEmbedded } from '@tributary/embedded';", ['@nx/enforce-module-boundaries']],
  ['domain', "export { openCatalogue } from '@tributary/contracts';", ['@nx/enforce-module-boundaries']],
  ['kernel', "export { renderProfile } from '@tributary/domain';", ['@nx/enforce-module-boundaries']],
  ['pipeline', "export { openEmbedded } from '@tributary/embedded';", ['@nx/enforce-module-boundaries']],
  ['embedded', "export { Pipeline } from '@tributary/pipeline';", ['@nx/enforce-module-boundaries']],
  ['query', "export { startPlatform } from '@tributary/server';", ['@nx/enforce-module-boundaries']],
  ['domain', "export { readFileSync } from 'node:fs';", ['no-restricted-imports']],
  ['domain', 'export const now = () => Date.now();', ['no-restricted-properties']],
  ['domain', "export { DAY_MS } from '@tributary/kernel';", []],
  ['pipeline', "export { renderProfile } from '@tributary/domain';", []],
];

test('lint refuses an import against the layers, and allows one along them', async () => {
  // The rule reads the project graph that Nx keeps; in a clean checkout it is made first.
  await run(process.execPath, [at('../../node_modules/nx/dist/bin/nx.js'), 'show', 'projects'], options);
  const texts = trials.map(([library, text]) => [`libs/${library}/src/boundary-trial.ts`, `${text}\n`]);
  const { stdout } = await run(process.execPath, [at('lint-texts.mjs'), JSON.stringify(texts)], options);
  const broken = JSON.parse(stdout) as string[][];
  expect(trials.map(([library, text], i) => [library, text, broken[i]])).toEqual(trials);
});
