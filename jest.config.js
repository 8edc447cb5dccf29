// The SDK is pinned to versions that run on Node 20; its notice would stand above every test file.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const suite = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        module: { type: 'es6' },
        jsc: {
          target: 'es2022',
          keepClassNames: true,
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
        },
      },
    ],
  },
  modulePathIgnorePatterns: ['<rootDir>/dist'],
};

/** Suites that watch real time, or start processes: nothing else may run beside them. */
const ALONE = [
  'test/chaos/{chaos,rush}.spec.ts',
  'test/conformance/habits.spec.ts',
  'test/contract/governor*.spec.ts',
  'test/journeys/{bad-input,processes}.spec.ts',
];

export default {
  projects: [
    {
      ...suite,
      testMatch: ['src', 'test']
        .map((folder) => `<rootDir>/${folder}/**/*.spec.ts`)
        .concat(ALONE.map((one) => `!**/${one}`)),
    },
    { ...suite, testMatch: ALONE.map((one) => `<rootDir>/${one}`), runner: '<rootDir>/test/support/one-at-a-time.js' },
  ],
  reporters: ['default', '<rootDir>/test/support/closing-line.js'],
  maxWorkers: '100%',
  testTimeout: 30_000,
};
