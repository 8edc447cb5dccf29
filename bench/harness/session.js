import { existsSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chosen } from '../contestants/list.js';
import { RUN_FOLDER } from '../processes/load.js';
import { expectTools } from '../processes/machine.js';
import { prepareContestants } from './install.js';
import { optionsFrom } from './options.js';
import { runSlice, startAll } from './run.js';
import { makeWorld } from './world.js';

const SERVER = fileURLToPath(new URL('../../dist-bundle/main.cjs', import.meta.url));

/** A whole run: `onSlice` is told the name and the results of each slice as soon as they are there. */
export async function session(line, onSlice) {
  const options = { ...optionsFrom(line), tell: (text) => process.stderr.write(`${text}\n`) };
  expectTools();
  if (!existsSync(SERVER)) throw new Error('There is no bundled server: run `npm run bundle`.');
  const contestants = chosen(options);
  prepareContestants(contestants);
  const world = await makeWorld(options);
  const servers = await startAll(contestants, world);
  for (const name of options.slices) onSlice(name, await runSlice(name, servers, world, options));
  rmSync(RUN_FOLDER, { recursive: true }); // after a failure it stays, with the logs
  return options;
}

/** Ends this process with what `work` came to; its children end with it. */
export function endWith(work) {
  work.then(
    (code) => process.exit(code ?? 0),
    (error) => {
      console.error(error instanceof Error ? error.message : error);
      process.exit(1);
    },
  );
}
