/** Module hooks: TypeScript in, JavaScript out. These checks run in plain Node, without a build of their own. */
import { fileURLToPath } from 'node:url';
import { transformFile } from '@swc/core';

export const resolve = (specifier, context, next) =>
  next(
    specifier.startsWith('.') && context.parentURL?.endsWith('.ts') ? specifier.replace(/\.js$/, '.ts') : specifier,
    context,
  );

export const load = async (url, context, next) => {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return next(url, context);
  const { code } = await transformFile(fileURLToPath(url), {
    swcrc: false,
    configFile: false,
    sourceMaps: 'inline',
    module: { type: 'es6' },
    jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
  });
  return { format: 'module', source: code, shortCircuit: true };
};
