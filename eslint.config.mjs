import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';
import prettier from 'eslint-config-prettier';

const layers = [
  { sourceTag: 'layer:kernel', onlyDependOnLibsWithTags: ['layer:kernel'] },
  { sourceTag: 'layer:domain', onlyDependOnLibsWithTags: ['layer:domain', 'layer:kernel'] },
  { sourceTag: 'layer:contracts', onlyDependOnLibsWithTags: ['layer:contracts', 'layer:domain', 'layer:kernel'] },
  {
    sourceTag: 'layer:flow',
    onlyDependOnLibsWithTags: ['layer:flow', 'layer:contracts', 'layer:domain', 'layer:kernel'],
  },
  { sourceTag: 'layer:adapters', onlyDependOnLibsWithTags: ['layer:contracts', 'layer:domain', 'layer:kernel'] },
  {
    sourceTag: 'layer:app',
    onlyDependOnLibsWithTags: ['layer:flow', 'layer:adapters', 'layer:contracts', 'layer:domain', 'layer:kernel'],
  },
  {
    sourceTag: 'layer:composition',
    onlyDependOnLibsWithTags: [
      'layer:app',
      'layer:flow',
      'layer:adapters',
      'layer:contracts',
      'layer:domain',
      'layer:kernel',
    ],
  },
];

/** What the domain and the kernel must not touch: their time, ids and look-ups are arguments. */
const pure = {
  'no-restricted-imports': [
    'error',
    { patterns: ['node:*', '@nestjs/*', 'kafkajs', 'ioredis', 'chdb*', '@clickhouse/*'] },
  ],
  'no-restricted-properties': [
    'error',
    { object: 'Date', property: 'now', message: 'Take the time as an argument.' },
    { object: 'Math', property: 'random', message: 'Take ids and chance as arguments.' },
  ],
  'no-restricted-globals': ['error', 'process', 'Buffer', 'setTimeout', 'setInterval'],
};

export default [
  { ignores: ['**/dist/**', '**/node_modules/**', 'data/**', 'coverage/**', '.nx/**', 'tests/fixtures/**'] },
  ...tseslint.configs.recommended,
  prettier,
  {
    files: ['**/*.ts'],
    plugins: { '@nx': nx },
    languageOptions: { parser: tseslint.parser },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        { enforceBuildableLibDependency: false, allow: [], depConstraints: layers },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      'no-console': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    files: ['libs/kernel/src/**/*.ts', 'libs/domain/src/**/*.ts'],
    ignores: ['**/*.spec.ts', '**/*.contract.ts'],
    rules: pure,
  },
  // Nest reads constructor parameter types at run time: an inline type import would erase them.
  { files: ['apps/server/src/**/*.ts'], rules: { '@typescript-eslint/consistent-type-imports': 'off' } },
  { files: ['**/*.cjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
];
