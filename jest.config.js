import { availableParallelism } from 'node:os';
import { forThemselves, slow } from './test/groups/plan.js';

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
  setupFiles: ['<rootDir>/test/support/netscape.ts'],
  modulePathIgnorePatterns: ['<rootDir>/dist'],
};

/** One more than can be at work at once, for the time in which a suite waits. */
const WORKERS = availableParallelism() + 1;

/** What a file leaves in its process (a gigabyte, after a group) makes the next ones half as fast: each has a new one. */
const LESS_THAN_ANY_FILE_LEAVES = '50MB';

/** With a path only that is run; else all, or with SUITES=slow those that take long. */
const isWhole = !process.argv.slice(2).some((word) => !word.startsWith('-'));
const whole = [...forThemselves.map((path) => `<rootDir>/${path}`), '<rootDir>/test/groups/*.group.ts'];
const single = ['<rootDir>/src/**/*.spec.ts', '<rootDir>/test/**/*.spec.ts'];

export default {
  ...suite,
  ...(process.env.SUITES === 'slow'
    ? { testMatch: slow.map((path) => `<rootDir>/${path}`), maxWorkers: 1 }
    : { testMatch: isWhole ? whole : single, maxWorkers: isWhole ? WORKERS : 1 }),
  ...(isWhole ? { workerIdleMemoryLimit: LESS_THAN_ANY_FILE_LEAVES } : {}),
  reporters: ['default', '<rootDir>/test/support/closing-line.js'],
  testTimeout: 30_000,
};
