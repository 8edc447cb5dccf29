import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { constants, Script } from 'node:vm';
import { crc32 } from 'node:zlib';

/**
 * Runs the code that stands beside an entrance, with what V8 compiled of it when the bundle was made: parsing and compiling
 * is half of a start. V8 refuses what another version of it has made, or other flags, and compiles as it always would.
 */
export function load(entrance) {
  const code = readFileSync(beside(entrance, 'code.cjs'));
  // esbuild writes ASCII. The file is a function already: to make it one here would copy five megabytes.
  const script = new Script(code.toString('latin1'), {
    filename: beside(entrance, 'code.cjs'),
    cachedData: compiledOf(entrance, code),
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(entrance), module, entrance);
  return { script, exports: module.exports };
}

/** What was compiled of this very code, on such a machine. V8 itself tells code apart by its length alone. */
function compiledOf(entrance, code) {
  try {
    const compiled = readFileSync(beside(entrance, 'code.cache'));
    const label = readFileSync(beside(entrance, 'code.label'), 'utf8');
    return label === labelOf(code, compiled) ? compiled : undefined;
  } catch {
    return undefined; // none was made
  }
}

/** By what a pair of code and compiled code is known, damage and mistakes told; whoever may write here may write anything. */
export function labelOf(code, compiled) {
  return [crc32(code), crc32(compiled), process.arch, process.versions.v8].join(' ');
}

function beside(entrance, file) {
  return fileURLToPath(new URL(file, entrance));
}
