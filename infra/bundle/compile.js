import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { crc32 } from 'node:zlib';
import { build } from 'esbuild';
import { labelOf } from './loader.js';
import { withoutNeedlessNames } from './names.js';

const HERE = fileURLToPath(new URL('./', import.meta.url));
const LINE_CHARACTERS = 300;
/** What broke comes last; before it stands a line of the code, and that is long. */
const MOST_SAID = 2000;

/**
 * One script out of an entrance and all that it imports, and a few lines that run it, which is what is
 * started, or what Lambda looks for handlers in. Answers esbuild's account of what went in.
 */
export async function compile({ root, entrance, folder, name, plugins }) {
  const options = { absWorkingDir: root, logLevel: 'warning' };
  const { metafile } = await build({
    ...options,
    entryPoints: { code: entrance },
    outdir: folder,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    mainFields: ['module', 'main'],
    target: 'node20',
    format: 'cjs', // a script: V8 hands out what it compiled of one, and takes it back
    banner: { js: '(function (exports, require, module, bundleUrl) {' },
    footer: { js: '})' },
    // Finds Node's own in a way that a bundle has not, and would hash every query in JavaScript instead.
    alias: { '@apollo/utils.createhash': 'node:crypto' },
    supported: { 'dynamic-import': false }, // code that V8 takes back has lost the way to the loader of modules
    define: { 'import.meta.url': 'bundleUrl' },
    minifyWhitespace: true,
    lineLimit: LINE_CHARACTERS, // Node shows the line of what nobody caught
    keepNames: true, // Nest and GraphQL know classes by their names
    legalComments: 'none',
    plugins,
    metafile: true,
  });
  const code = join(folder, 'code.cjs');
  writeFileSync(code, withoutNeedlessNames(readFileSync(code, 'latin1')), 'latin1'); // esbuild writes ASCII
  const stdin = {
    contents: "module.exports = require('./loader.js').load(__filename).exports;",
    resolveDir: HERE,
  };
  const outfile = join(folder, `${name}.cjs`); // no module: Node loads its own loader of modules, and more, for one
  await build({ ...options, stdin, outfile, format: 'cjs', bundle: true, platform: 'node' });
  return metafile;
}

/** What belongs into `code.label` of a folder that holds code and what was compiled of it. */
export function labelIn(folder) {
  return labelOf(...['code.cjs', 'code.cache'].map((file) => crc32(readFileSync(join(folder, file)))));
}

/** Starts what was compiled under this environment and these flags, and keeps what V8 made of it. @throws when it does not start. */
export async function keepCompiled(folder, name, env, flags = []) {
  const args = [...flags, join(HERE, 'warm-up.js'), join(folder, `${name}.cjs`), join(folder, 'code.cache')];
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (text) => {
    said += text;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${name} does not start: ${said.slice(-MOST_SAID)}`);
  writeFileSync(join(folder, 'code.label'), labelIn(folder));
}
