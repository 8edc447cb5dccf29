import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { packagedFiles } from '../../dist/operation/playground/playground-files.js';
import { Sandbox } from '../../dist/sandbox/server.js';
import { serverEnvironment } from '../../dist/sandbox/server-process.js';
import { notices } from './notices.js';
import { oneOfEach } from './one-of-each.js';
import { originalPlaces } from './original-places.js';

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

/** What broke comes last; before it stands a line of the code, and that is long. */
const MOST_SAID = 2000;

/** One file out of a compiled entrance and all that it imports, with what it reads beside it. */
async function bundle(entrance, folder) {
  const directory = join(ROOT, folder);
  rmSync(directory, { recursive: true, force: true });
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: { code: `dist/${entrance}.js` }, // compiled: esbuild does not emit the metadata of decorators
    outdir: folder,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    mainFields: ['module', 'main'],
    target: 'node20',
    format: 'cjs', // a script: V8 hands out what it compiled of one, and takes it back
    define: { 'import.meta.url': 'bundleUrl' },
    minify: true,
    keepNames: true, // Nest and GraphQL know classes by their names
    legalComments: 'none',
    plugins: [oneOfEach(ROOT, OPTIONAL), originalPlaces(ROOT)],
    metafile: true,
    logLevel: 'warning',
  });
  await enter(entrance, folder);
  carry(directory);
  writeFileSync(
    join(directory, 'THIRD-PARTY-NOTICES.txt'),
    notices(
      ROOT,
      Object.keys(metafile.inputs),
      packagedFiles().map(({ folder }) => folder),
    ),
  );
  await warmUp(join(directory, `${entrance}.mjs`), join(directory, 'code.cache'));
  const [code, cache] = ['code.cjs', 'code.cache'].map((name) => megabytes(statSync(join(directory, name)).size));
  console.log(`${folder}: code ${code}, compiled by Node ${process.version} ${cache}, all ${megabytes(sizeOf(directory))}`);
}

/** The module that is started, or that Lambda looks for handlers in: a few lines, and the code beside it. */
async function enter(entrance, folder) {
  const options = { absWorkingDir: ROOT, format: 'esm', logLevel: 'warning' };
  const looked = await build({ ...options, entryPoints: [`dist/${entrance}.js`], write: false, metafile: true });
  const names = Object.values(looked.metafile.outputs).flatMap((output) => output.exports);
  const contents = [
    "import { load } from './loader.js';",
    'export const { script, exports } = load(import.meta.url);',
    `export const { ${names.join(', ')} } = exports;`,
  ].join('\n');
  const stdin = { contents, resolveDir: join(ROOT, 'infra/bundle') };
  await build({ ...options, stdin, outfile: `${folder}/${entrance}.mjs`, bundle: true, platform: 'node' });
}

/** What starts is asked of a sandbox, so that no account is needed to make a bundle. */
async function warmUp(entrance, cache) {
  const sandbox = await Sandbox.start({ port: 0, directory: null });
  const keySecret = 'of a bundle that is being made and of nothing else';
  const env = { PATH: process.env.PATH, ...serverEnvironment(sandbox, { port: await freePort(), keySecret }, {}) };
  const script = join(ROOT, 'infra/bundle/warm-up.js');
  const child = spawn(process.execPath, [script, entrance, cache], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (text) => {
    said += text;
  });
  const [code] = await once(child, 'close');
  await sandbox.close();
  if (code !== 0) throw new Error(`${entrance} does not start: ${said.slice(-MOST_SAID)}`);
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
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
await bundle('lambda', 'dist-lambda');
await bundle('main', 'dist-bundle');
