/**
 * `npm run licences`: the licence of every package that production installs, and of those that the portal's files are
 * made of; fails on one that is not on the list.
 */
import { readFileSync } from 'node:fs';

/** Permissive ones: they ask for their notice to be kept, and for nothing of our code. */
const ALLOWED = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  'OFL-1.1', // a font
  'Python-2.0',
  'Unlicense',
]);

const root = new URL('../../', import.meta.url);
const lock = JSON.parse(readFileSync(new URL('package-lock.json', root), 'utf8'));
const { license: ours } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));

/** Installed by `npm ci --omit=dev`; packages for other platforms are in the lock file and not here. */
const inProduction = Object.entries(lock.packages).filter(
  ([path, { dev, devOptional }]) => path && !dev && !devOptional,
);

/** What of the workspace's packages becomes part of its files; the others only make them. */
const IN_PAGE = ['@base-ui/react', '@fontsource-variable/geist', 'oidc-client-ts', 'react', 'react-dom'];

/** With what they depend on. */
function inPage(names, from, known = new Map()) {
  for (const name of names) {
    const path = [`${from}/node_modules/${name}`, `web/node_modules/${name}`, `node_modules/${name}`].find(
      (one) => lock.packages[one],
    );
    if (!path || known.has(path)) continue;
    known.set(path, lock.packages[path]);
    inPage(Object.keys(lock.packages[path].dependencies ?? {}), path, known);
  }
  return known;
}

/** The same for the playground, whose files the build copies; it has a React of its own. */
const IN_PLAYGROUND = ['graphiql', 'react', 'react-dom', 'oidc-client-ts'].map((name) => `node_modules/${name}`);
const ofPlayground = IN_PLAYGROUND.flatMap((path) => [
  [path, lock.packages[path]],
  ...inPage(Object.keys(lock.packages[path].dependencies ?? {}), path),
]);

const all = new Map([...inProduction.filter(([, { link }]) => !link), ...inPage(IN_PAGE, 'web'), ...ofPlayground]);
const found = [...all].flatMap(([path, { version, optional }]) => {
  const licence = licenceOf(path);
  if (licence === null && optional) return [];
  const name = path.replace(/^.*node_modules\//, '');
  return [{ name, version, licence: licence ?? 'not installed' }];
});

for (const [licence, packages] of [...grouped(found)].sort(([a], [b]) => a.localeCompare(b))) {
  console.log(`${licence} (${packages.length})`);
  console.log(`  ${packages.map(({ name, version }) => `${name} ${version}`).join(', ')}`);
}

const refused = found.filter(({ licence }) => !isAllowed(licence));
for (const { name, version, licence } of refused) console.error(`${name} ${version}: ${licence} is not on the list.`);
console.log(`${found.length} packages, ${refused.length} with a licence that is not on the list. Turnpike: ${ours}.`);
process.exit(refused.length > 0 ? 1 : 0);

function licenceOf(path) {
  try {
    const { license, licenses } = JSON.parse(readFileSync(new URL(`${path}/package.json`, root), 'utf8'));
    const named = license ?? licenses?.map((one) => one.type ?? one).join(' AND ') ?? 'none named';
    return typeof named === 'string' ? named : (named.type ?? 'none named');
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}

/** Of an OR one part is enough; of an AND all are needed. */
function isAllowed(licence) {
  const parts = licence.replace(/[()]/g, '').split(/ OR /);
  return parts.some((part) => part.split(/ AND /).every((one) => ALLOWED.has(one.trim())));
}

function grouped(packages) {
  const groups = new Map();
  for (const one of packages) groups.set(one.licence, [...(groups.get(one.licence) ?? []), one]);
  return groups;
}
