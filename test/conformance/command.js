/** `npm run conformance`: runs the table on one cloud, writes a transcript of it, or writes the documentation anew. */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    cloud: { type: 'string', default: 'sandbox' },
    record: { type: 'boolean', default: false },
    pin: { type: 'boolean', default: false },
    docs: { type: 'boolean', default: false },
  },
});
const { cloud, record, pin, docs } = values;
if (pin && cloud !== 'moto') {
  console.error('--pin writes down what moto answers: it goes with --cloud moto.');
  process.exit(2);
}
const spec = docs ? 'test/conformance/conformance-docs.spec.ts' : 'test/conformance/conformance.spec.ts';
const transcript = `conformance-${cloud}.ndjson`;
const env = {
  ...process.env,
  CLOUD: cloud,
  CONFORMANCE_SUMMARY: '1',
  ...(record && { CONFORMANCE_RECORD: transcript }),
  ...(pin && { CONFORMANCE_PIN: '1' }),
  ...(docs && { CONFORMANCE_DOCS: '1' }),
};
const jest = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];
const { status } = spawnSync(process.execPath, [...jest, spec], { stdio: 'inherit', env });
if (record && status === 0) console.log(`The transcript is in ${transcript}.`);
process.exit(status ?? 1);
