import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/*
 * `npm run build`. The server and the portal know nothing of each other, so they are built at the same time; and when
 * nothing that they are made of has changed, what was built stays as it is. `rm -r dist` builds anew whatever has changed.
 */

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const BUILT_FROM = join(ROOT, 'dist/.built-from');
const CONFIGURATION = ['package.json', 'package-lock.json', 'nest-cli.json', 'tsconfig.json', 'tsconfig.build.json'];
const SOURCES = ['src', 'web', 'infra/build', 'infra/bundle', ...CONFIGURATION];
const BUILT = ['dist', 'web/dist'];
/** Made of what was built: gone with it, so that nobody starts an old server beside new commands. */
const BUNDLED = ['dist-bundle', 'dist-lambda'];
const SETTINGS = ['TURNPIKE_ORIGIN', 'NODE_ENV'];
/** Of these nothing is built. */
const NOT_BUILT = /(^|\/)node_modules$|^web\/dist$|\.spec\.ts$/;

/** All files below these, as paths from the root. */
function filesIn(paths, isLeftOut) {
  return paths
    .filter((path) => existsSync(join(ROOT, path)) && !isLeftOut(path))
    .flatMap((path) => {
      if (!statSync(join(ROOT, path)).isDirectory()) return [path];
      const within = readdirSync(join(ROOT, path)).map((name) => `${path}/${name}`);
      return filesIn(within, isLeftOut);
    });
}

/** One word for all that the build reads and all that it wrote: another one as soon as a file is another. */
function fingerprint() {
  const sources = filesIn(SOURCES, (path) => NOT_BUILT.test(path));
  const built = filesIn(BUILT, (path) => path === relative(ROOT, BUILT_FROM));
  const hash = createHash('sha256').update(process.version);
  for (const name of SETTINGS) hash.update(`\0${name}=${process.env[name] ?? ''}`);
  for (const path of [...sources, ...built].sort()) hash.update(`\0${path}\0`).update(readFileSync(join(ROOT, path)));
  return hash.digest('hex');
}

/** The exit code of a command as npm would run it. */
function run(command) {
  return new Promise((resolve) => {
    spawn(command, { shell: true, stdio: 'inherit' }).once('close', (code) => resolve(code ?? 1));
  });
}

async function build() {
  console.error('Building …');
  for (const folder of BUNDLED) rmSync(join(ROOT, folder), { recursive: true, force: true });
  const failed = (await Promise.all([run('nest build'), run('npm run --silent portal')])).find((code) => code !== 0);
  if (failed !== undefined) return failed;
  await import('./playground-packages.js');
  writeFileSync(BUILT_FROM, fingerprint());
  return 0;
}

const isBuilt = existsSync(BUILT_FROM) && readFileSync(BUILT_FROM, 'utf8') === fingerprint();
process.exitCode = isBuilt ? 0 : await build();
