import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');

export const GROUPS = 8;

/** Suites that start processes, watch real time, or play very much: `npm run test:slow`. */
const SLOW = [
  /^test\/(chaos|clients)\//,
  /^test\/faults\/(harness|interleavings|late-reports)\./,
  /^test\/conformance\/(conformance|conformance-clouds|habits|.*-restart)\./,
  /^test\/contract\/(governor-.*|moto-.*)\./,
  /^test\/portal\/(portal|states|session|elsewhere)\./,
  /^test\/journeys\/(aws-away|bad-input|draining|frontend-page|plans-as-code|playground|processes|rekey|changed-quota|template-mistakes)\./,
  /^test\/lambda\/(bundle|doctor-live|handlers-in-trouble|production)\./,
];

/** Played against moto too, where it is asked for with CLOUD=moto. */
const ON_MOTO = /^test\/contract\/(key-store|plan-store|usage-plans|user-directory)\./;

/** What a suite does to the whole process, or for all suites of a file, would reach those that it shares one with. */
const FOR_ITSELF = /^(before|after)(All|Each)\(|\boverrideLogger\b|\bspyOn\(globalThis\b/m;

const suites = ['src', 'test'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.spec.ts'))
    .map((path) => `${folder}/${path.replaceAll('\\', '/')}`),
);

const isSlow = (path) => SLOW.some((pattern) => pattern.test(path));
const textOf = (path) => readFileSync(join(ROOT, path), 'utf8');
const quick = suites.filter((path) => !isSlow(path)).sort();

export const slow = suites.filter((path) => isSlow(path) || ON_MOTO.test(path)).sort();
export const forThemselves = quick.filter((path) => FOR_ITSELF.test(textOf(path)));

/** The others, in groups of about the same length. */
export const groups = Array.from({ length: GROUPS }, () => ({ suites: [], length: 0 }));
for (const path of quick.filter((one) => !forThemselves.includes(one))) {
  const [shortest] = [...groups].sort((a, b) => a.length - b.length);
  shortest.suites.push(path);
  shortest.length += textOf(path).length;
}
