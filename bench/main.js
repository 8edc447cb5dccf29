import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { sliceTable } from './harness/report.js';
import { endWith, session } from './harness/session.js';
import { machineText } from './processes/machine.js';

/*
 * `npm run bench [-- --quick] [-- --only me,plans] [-- --contestants apollo,turnpike] …`: Turnpike beside
 * what one would take instead, in one run. README.md tells how.
 */

const RESULTS = fileURLToPath(new URL('RESULTS.md', import.meta.url));

async function main(line) {
  const tables = [];
  const options = await session(line, (name, results) => {
    tables.push(sliceTable(name, results));
    console.log(`\n${tables.at(-1)}\n`);
  });
  if (options.isWhole) writeFileSync(RESULTS, [head(line, options), ...tables].join('\n\n').concat('\n'));
}

function head(line, { rounds, seconds }) {
  const command = ['npm run bench', ...(line.length > 0 ? ['--', ...line] : [])].join(' ');
  return [
    '# Turnpike beside what one would take instead',
    '',
    `Made by \`${command}\` on ${new Date().toISOString().slice(0, 10)}: ${machineText()}; ${rounds} rounds of ${seconds} s for each.`,
    'Medians, and the least and the most. Ratios (×) are to bare Apollo Server in the same round. README.md tells how it is measured.',
  ].join('\n');
}

endWith(main(process.argv.slice(2)));
