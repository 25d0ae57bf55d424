/**
 * Transpiles every library and app from `src/` to `dist/`, one file to one file, skipping what has not changed.
 * Types are checked by `npm run types`; this step only strips them, so that `npm start` is ready in seconds.
 */
import { readdirSync, statSync, mkdirSync, writeFileSync, rmSync, existsSync, copyFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformFile } from '@swc/core';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const self = statSync(fileURLToPath(import.meta.url)).mtimeMs;

const walk = (dir) =>
  existsSync(dir)
    ? readdirSync(dir, { withFileTypes: true }).flatMap((e) =>
        e.isDirectory() ? walk(join(dir, e.name)) : [join(dir, e.name)],
      )
    : [];

const only = process.argv[2];
const projects = ['libs', 'apps'].flatMap((group) =>
  readdirSync(join(root, group), { withFileTypes: true })
    .filter((e) => e.isDirectory() && (!only || only === e.name))
    .map((e) => join(root, group, e.name)),
);

let compiled = 0;
for (const project of projects) {
  const src = join(project, 'src');
  const dist = join(project, 'dist');
  const wanted = new Set();
  const jobs = [];
  for (const file of walk(src)) {
    if (file.endsWith('.spec.ts') || file.endsWith('.d.ts')) continue;
    const isSource = file.endsWith('.ts');
    const target = join(dist, relative(src, file)).replace(/\.ts$/, '.js');
    wanted.add(target);
    if (isSource) wanted.add(`${target}.map`);
    if (existsSync(target) && statSync(target).mtimeMs > Math.max(statSync(file).mtimeMs, self)) continue;
    mkdirSync(dirname(target), { recursive: true });
    if (!isSource) {
      copyFileSync(file, target);
      continue;
    }
    jobs.push(
      transformFile(file, {
        sourceMaps: true,
        swcrc: false,
        configFile: false,
        module: { type: 'es6' },
        jsc: {
          target: 'es2023',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          keepClassNames: true,
        },
      }).then(({ code, map }) => {
        writeFileSync(target, `${code}\n//# sourceMappingURL=${target.split('/').pop()}.map\n`);
        if (map) writeFileSync(`${target}.map`, map);
        compiled++;
      }),
    );
  }
  await Promise.all(jobs);
  for (const file of walk(dist)) if (!wanted.has(file)) rmSync(file);
}
if (compiled > 0) process.stderr.write(`built ${compiled} file${compiled === 1 ? '' : 's'}\n`);
