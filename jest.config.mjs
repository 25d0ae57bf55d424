/** One run over every library, app and cross-process suite; sources are transpiled by SWC, types by `npm run types`. */
export default {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['@tributary/source', 'node', 'node-addons'] },
  roots: ['<rootDir>/libs', '<rootDir>/apps', '<rootDir>/tests'],
  testMatch: ['**/*.spec.ts'],
  // Suites that need engines beside Node are run by `npm run test:engines`, which says so.
  testPathIgnorePatterns: [
    '/node_modules/',
    '/dist/',
    ...(process.env['TRIBUTARY_TEST_ENGINES'] === undefined ? ['/tests/(e2e/)?engines/'] : []),
  ],
  modulePathIgnorePatterns: ['<rootDir>/libs/.*/dist/', '<rootDir>/apps/.*/dist/'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)(?<!\\.json)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        module: { type: 'es6' },
        jsc: {
          target: 'es2023',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          keepClassNames: true,
        },
      },
    ],
  },
  maxWorkers: 2,
  workerIdleMemoryLimit: '800MB',
  // For what hangs: long enough for a machine that has other things to do.
  testTimeout: 120_000,
};
