import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';

/**
 * Runs the code that stands beside an entrance, with what V8 compiled of it when the bundle was made: parsing and compiling
 * is half of a start. V8 refuses what another version of it has made, or other flags, and compiles as it always would.
 */
export function load(entrance) {
  const file = fileURLToPath(new URL('code.cjs', entrance));
  const cache = fileURLToPath(new URL('code.cache', entrance));
  const code = readFileSync(file, 'latin1'); // esbuild writes ASCII
  const script = new Script(`(function (exports, require, module, bundleUrl) {${code}\n})`, {
    filename: file,
    cachedData: existsSync(cache) ? readFileSync(cache) : undefined,
  });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(entrance), module, entrance);
  return { script, exports: module.exports };
}
