import { existsSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chosen } from './contestants/list.js';
import { prepareContestants } from './harness/install.js';
import { expectTools, machineText } from './harness/machine.js';
import { optionsFrom } from './harness/options.js';
import { sliceTable } from './harness/report.js';
import { runSlice, startAll } from './harness/run.js';
import { makeWorld } from './harness/world.js';

/*
 * `npm run bench [-- --quick] [-- --only me,plans] [-- --contestants apollo,turnpike] [-- --trusted] [-- --rounds 5]
 * [-- --seconds 5] [-- --noise 5]`: Turnpike beside what one would take instead, in one run. See bench/README.md.
 */

const RESULTS = fileURLToPath(new URL('RESULTS.md', import.meta.url));
const SERVER = fileURLToPath(new URL('../dist/main.js', import.meta.url));

async function main(line) {
  const options = { ...optionsFrom(line), tell: (text) => process.stderr.write(`${text}\n`) };
  expectTools();
  if (!existsSync(SERVER)) throw new Error('There is no built server: run `npm run build`.');
  const contestants = chosen(options);
  prepareContestants(contestants);
  const world = await makeWorld(options.firstPort);
  const servers = await startAll(contestants, world);
  const tables = [];
  for (const name of options.slices) {
    tables.push(sliceTable(name, await runSlice(name, servers, world, options)));
    console.log(`\n${tables.at(-1)}\n`);
  }
  if (options.isWhole) writeFileSync(RESULTS, [head(line, options), ...tables].join('\n\n').concat('\n'));
}

function head(line, { rounds, seconds }) {
  const command = ['npm run bench', ...(line.length > 0 ? ['--', ...line] : [])].join(' ');
  return [
    '# Turnpike beside what one would take instead',
    '',
    `Made by \`${command}\` on ${new Date().toISOString().slice(0, 10)}: ${machineText()}; ${rounds} rounds of ${seconds} s for each,`,
    'medians with the least and the most. Ratios (×) are to bare Apollo Server in the same round. README.md says how.',
  ].join('\n');
}

main(process.argv.slice(2)).then(
  () => process.exit(0),
  (error) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
