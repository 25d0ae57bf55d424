import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { settingSpecs } from '../../apps/server/src/engines/settings.js';
import { root } from './compose-file.js';

const sources = (folder: string): readonly string[] =>
  readdirSync(join(root, folder), { withFileTypes: true })
    .flatMap((project) => (project.isDirectory() ? [join(root, folder, project.name, 'src')] : []))
    .flatMap((src) => {
      const files = readdirSync(src, { recursive: true, encoding: 'utf8' });
      return files.filter((file) => /(?<!\.spec)\.ts$/.test(file)).map((file) => join(src, file));
    });

const quoted = /['"`](TRIBUTARY_[A-Z_]+)['"`]/g;

/** Every TRIBUTARY_ name that the programs' own code mentions, and the `_FILE` form of those that have one. */
export const settingsRead = (): ReadonlySet<string> =>
  new Set([
    ...[...sources('apps'), ...sources('libs')].flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(quoted)].map(([, name]) => name ?? ''),
    ),
    ...settingSpecs.map(({ name }) => `${name}_FILE`),
  ]);
