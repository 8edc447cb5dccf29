import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packagedFiles } from '../../dist/operation/playground/playground-files.js';
import { Sandbox } from '../../dist/sandbox/server.js';
import { freePort, serverEnvironment } from '../../dist/sandbox/server-process.js';
import { apart } from './apart.js';
import { compile, keepCompiled, labelIn } from './compile.js';
import { late } from './late.js';
import { notices } from './notices.js';
import { oneOfEach } from './one-of-each.js';
import { originalPlaces } from './original-places.js';
import { SERVER_FLAGS } from './server-flags.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Packages that Nest and Apollo load only where somebody installed them, which nobody did here. */
const OPTIONAL = [
  '@apollo/gateway',
  '@apollo/subgraph',
  '@as-integrations/express5',
  '@fastify/multipart',
  '@fastify/static',
  '@fastify/view',
  '@nestjs/microservices',
  '@nestjs/platform-express',
  '@nestjs/websockets',
  'class-transformer',
  'class-validator',
  'ts-morph',
];

/**
 * Packages that others load at once for what nobody does here: subscriptions over WebSockets; schemas read from files, or put
 * together of several; JSON that is checked or written by JSON Schemas.
 */
const UNUSED = [
  '@fastify/ajv-compiler',
  '@fastify/fast-json-stringify-compiler',
  '@graphql-tools/merge',
  '@graphql-tools/schema',
  '@graphql-tools/utils',
  'fast-json-stringify',
  'graphql-ws',
  'graphql-ws/use/ws',
  'tinyglobby',
  'ws',
];

/** A package that takes an eighth of the code, and that one process alone does without. */
const APART = ['@redis/client'];

/** Parts of Apollo Server that src/graphql.ts switches off, as Apollo Server imports them. */
const SWITCHED_OFF = ['./plugin/inlineTrace', './plugin/schemaReporting', './plugin/usageReporting'];

/** A compiled entrance (esbuild does not emit the metadata of decorators) with all that it imports, and what it reads beside it. */
async function bundle(name, folder, flags) {
  const directory = join(ROOT, folder);
  if (isMade(directory)) return;
  rmSync(directory, { recursive: true, force: true });
  const others = apart(ROOT, APART);
  const plugins = [
    others.plugin,
    oneOfEach(ROOT, { absent: [...OPTIONAL, ...SWITCHED_OFF], empty: UNUSED }),
    originalPlaces(ROOT),
    late,
  ];
  const metafile = await compile({ root: ROOT, entrance: `dist/${name}.js`, folder: directory, name, plugins });
  const inputs = [...Object.keys(metafile.inputs), ...(await others.bundle(directory))];
  carry(directory);
  writeFileSync(
    join(directory, 'THIRD-PARTY-NOTICES.txt'),
    notices(
      ROOT,
      inputs,
      packagedFiles().map(({ folder }) => folder),
    ),
  );
  await warmUp(directory, name, flags);
  const [code, cache] = ['code.cjs', 'code.cache'].map((file) => megabytes(statSync(join(directory, file)).size));
  console.log(
    `${folder}: code ${code}, compiled by Node ${process.version} ${cache}, all ${megabytes(sizeOf(directory))}`,
  );
}

/** Whole, and by this V8. The build takes bundles away that were made of another one; the label is the last that is written. */
function isMade(directory) {
  const label = join(directory, 'code.label');
  return existsSync(label) && readFileSync(label, 'utf8') === labelIn(directory);
}

/** A sandbox is asked what a start asks, so that no account is needed to make a bundle. */
async function warmUp(directory, name, flags) {
  const sandbox = await Sandbox.start({ port: 0, directory: null });
  const keySecret = 'of a bundle that is being made and of nothing else';
  const env = serverEnvironment(sandbox, { port: await freePort('PORT', 0), keySecret }, {});
  const place = name === 'lambda' ? { AWS_LAMBDA_FUNCTION_NAME: 'turnpike' } : {};
  await keepCompiled(directory, name, { PATH: process.env.PATH, ...env, ...place }, flags);
  await sandbox.close();
}

/** What the code reads by path, where it looks for it: the folder is laid out as the repository is. */
function carry(directory) {
  const pages = readdirSync(join(ROOT, 'dist'), { recursive: true, encoding: 'utf8' }).filter((path) =>
    /(^|[\\/])browser$/.test(path),
  );
  for (const path of [...pages.map((page) => join('dist', page)), 'web/dist']) {
    if (existsSync(join(ROOT, path))) cpSync(join(ROOT, path), join(directory, path), { recursive: true });
  }
}

function sizeOf(directory) {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}

function megabytes(bytes) {
  return `${(bytes / 1_000_000).toFixed(2)} MB`;
}

if (!existsSync(join(ROOT, 'dist/main.js')))
  throw new Error(`There is no ${relative(process.cwd(), join(ROOT, 'dist'))}: npm run build first`);
await Promise.all([
  bundle('lambda', 'dist-lambda', []), // Lambda starts Node as it likes
  bundle('main', 'dist-bundle', SERVER_FLAGS),
]);
