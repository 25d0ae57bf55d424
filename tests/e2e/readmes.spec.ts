import { expect, test } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

const libs = fileURLToPath(new URL('../../libs', import.meta.url));
const EXAMPLE = /\/\/ region example\n([^]*?)\/\/ endregion/;

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, { readonly '@tributary/source': string }>>;
}

/** What others write to import it, where its own files say where it lies. */
const asOthersImport = (example: string, { name, exports }: Manifest): string =>
  Object.entries(exports).reduce((text, [path, { '@tributary/source': source }]) => {
    const own = source.replace('./src/', './').replace(/\.ts$/, '.js');
    return text.replace(`'${own}'`, `'${join(name, path)}'`);
  }, example);

const tried = readdirSync(libs).filter((lib) => existsSync(join(libs, lib, 'src', 'readme.spec.ts')));

test('several libraries show an example', () => expect(tried.length).toBeGreaterThan(2));

/** That an example does what it says is tested where it lies, in `readme.spec.ts`. */
test.each(tried)('the README of libs/%s shows the example that is tested', (lib) => {
  const read = (...path: readonly string[]): string => readFileSync(join(libs, lib, ...path), 'utf8');
  const example = EXAMPLE.exec(read('src', 'readme.spec.ts'))?.[1] ?? '';
  expect(example).not.toBe('');
  expect(read('README.md')).toContain(asOthersImport(example, JSON.parse(read('package.json')) as Manifest).trim());
});

const root = fileURLToPath(new URL('../..', import.meta.url));
const [english = '', chinese = ''] = ['README.md', 'README.zh-CN.md'].map((name) =>
  readFileSync(join(root, name), 'utf8'),
);

test('the Chinese README shows the same commands and leads to the same pages', () => {
  const commands = (text: string): readonly string[] =>
    [...text.matchAll(/```sh\n([^]*?)```/g)].map(([, block = '']) =>
      block.replace(/ +# .*$/gm, '').replaceAll('写入密钥', 'write key'),
    );
  const links = (text: string): readonly string[] =>
    [...new Set([...text.matchAll(/\]\(([^)]+)\)/g)].map(([, link = '']) => link))].filter(
      (link) => !link.startsWith('README'),
    );
  expect(commands(chinese)).toEqual(commands(english));
  expect([...links(chinese)].sort()).toEqual([...links(english)].sort());
  expect(chinese.match(/^## /gm)).toHaveLength(english.match(/^## /gm)?.length ?? 0);
});
