import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** Parts of the whole, the largest first: so that those who finish early find something small to do. */
const SHARES = [5, 5, 5, 4, 4, 4, 3, 2];

/** Suites that start processes, watch real time, or play very much: `npm run test:slow`. */
const SLOW = [
  /^test\/(chaos|clients)\//,
  /^test\/faults\/(harness|interleavings|late-reports)\./,
  /^test\/conformance\/(conformance|conformance-clouds|habits|.*-restart)\./,
  /^test\/contract\/(governor-.*|moto-.*)\./,
  /^test\/portal\/(portal|states|session|elsewhere)\./,
  /^test\/journeys\/(aws-away|bad-input|draining|frontend-page|plans-as-code|playground|processes|rekey|changed-quota|template-mistakes|sweep-of-many|adopt-report)\./,
  /^test\/(template-lint|supply-chain\/bill-of-materials)\./,
  /^test\/lambda\/(alarms|alarms-allowed|bundle|doctor-live|handlers-in-trouble|production)\./,
];

/** Played against moto too, where it is asked for with CLOUD=moto. */
const ON_MOTO = /^test\/contract\/(key-store|plan-store|usage-plans|user-directory)\./;

/** Of which `npm test` plays a part. */
const IN_PART = /^test\/(faults\/(single-fault|console)|threats\/fuzz)\./;

/**
 * What a suite does for all suites of a file would reach those that it shares one with, as would a type that it gives to
 * GraphQL; and the handlers for AWS Lambda make
 * one application in the life of a process.
 */
const FOR_ITSELF = /^(before|after)(All|Each)\(|^ *@ObjectType\(|\/lambda\.js'/m;

const suites = ['src', 'test'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.spec.ts'))
    .map((path) => `${folder}/${path.replaceAll('\\', '/')}`),
);

const isSlow = (path) => SLOW.some((pattern) => pattern.test(path));
const textOf = (path) => readFileSync(join(ROOT, path), 'utf8');
const quick = suites.filter((path) => !isSlow(path)).sort();

export const slow = suites
  .filter((path) => [isSlow(path), ON_MOTO.test(path), IN_PART.test(path)].includes(true))
  .sort();
export const forThemselves = quick.filter((path) => FOR_ITSELF.test(textOf(path)));

const others = quick.filter((path) => !forThemselves.includes(path));
const length = (path) => textOf(path).length;

/** The others, by their length. */
export const groups = SHARES.map((share) => ({ suites: [], share, length: 0 }));
for (const path of others.sort((a, b) => length(b) - length(a))) {
  const [emptiest] = [...groups].sort((a, b) => a.length / a.share - b.length / b.share);
  emptiest.suites.push(path);
  emptiest.length += length(path);
}
