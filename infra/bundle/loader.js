import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { constants, Script } from 'node:vm';
import { crc32 } from 'node:zlib';

/**
 * Runs the code that stands beside an entrance, with what V8 compiled of it when the bundle was made: parsing and compiling
 * is half of a start. V8 refuses what another version of it has made, or other flags, and compiles as it always would.
 */
export function load(entrance) {
  const [code, cache, label] = ['code.cjs', 'code.cache', 'code.label'].map((file) => join(dirname(entrance), file));
  // Memory is dear when it is touched for the first time: all are read into the same, and the code is a string by then.
  const room = Buffer.allocUnsafeSlow(Math.max(...[code, cache, label].map(sizeOf)));
  const text = read(code, room);
  const sum = crc32(text);
  const source = text.latin1Slice(); // esbuild writes ASCII
  const script = new Script(source, {
    filename: code,
    cachedData: compiledOf(sum, cache, label, room),
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  const module = { exports: {} };
  // The file is a function already: to make it one here would copy four megabytes.
  script.runInThisContext()(module.exports, createRequire(entrance), module, pathToFileURL(entrance).href);
  return { script, exports: module.exports };
}

/** What was compiled of the code with that sum, on such a machine. V8 itself tells code apart by its length alone. */
function compiledOf(sum, cache, label, room) {
  try {
    const expected = read(label, room).latin1Slice();
    const compiled = read(cache, room);
    return labelOf(sum, crc32(compiled)) === expected ? compiled : undefined;
  } catch {
    return undefined; // none was made
  }
}

/** By what a pair of code and compiled code is known, damage and mistakes told; whoever may write here may write anything. */
export function labelOf(codeSum, compiledSum) {
  return [codeSum, compiledSum, process.arch, process.versions.v8].join(' ');
}

/** In bytes; 0 = there is none. */
function sizeOf(path) {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** What a file holds, in the room until something else is read into it. */
function read(path, room) {
  const file = openSync(path);
  try {
    let length = 0;
    for (let count = -1; count !== 0; length += count) count = readSync(file, room, { offset: length });
    return room.subarray(0, length);
  } finally {
    closeSync(file);
  }
}
