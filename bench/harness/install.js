import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const BENCH = fileURLToPath(new URL('../', import.meta.url));
const LOCK = `${BENCH}package-lock.json`;
const INSTALLED = `${BENCH}node_modules/.package-lock.json`;

/** The contestants' packages, where they are missing or older than their lock; then those written in TypeScript. */
export function prepareContestants(contestants) {
  if (contestants.every(({ isTurnpike }) => isTurnpike)) return;
  if (!existsSync(INSTALLED) || statSync(INSTALLED).mtimeMs < statSync(LOCK).mtimeMs) {
    console.log('Installing the contestants …');
    run('npm', [
      'ci',
      '--prefix',
      BENCH,
      '--workspaces=false',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
    ]);
  }
  if (contestants.some(({ isTypeScript }) => isTypeScript))
    run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', '.']);
}

function run(command, words) {
  // What npm tells its scripts about the root would make a nested npm work there.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
  const { status, error } = spawnSync(command, words, { cwd: BENCH, env, stdio: 'inherit' });
  if (status !== 0) throw new Error(`${command} ${words.join(' ')} ended with ${error ?? status}`);
}
