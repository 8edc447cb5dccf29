import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { notices } from './notices.js';
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

/** Some packages are CommonJS and ask for `require`, which a module does not have. */
const BANNER = "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);";

/** Files of packages that are served as they are, and read where the package is found. */
const SERVED = [
  'graphiql/dist/index.umd.js',
  'graphiql/dist/style.css',
  'oidc-client-ts/dist/browser/oidc-client-ts.min.js',
  'react/umd/react.production.min.js',
  'react-dom/umd/react-dom.production.min.js',
];

/** One file out of a compiled entrance and all that it imports, with what it reads beside it. */
async function bundle(entrance, folder) {
  const directory = join(ROOT, folder);
  rmSync(directory, { recursive: true, force: true });
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [`dist/${entrance}.js`], // compiled: esbuild does not emit the metadata of decorators
    outfile: `${folder}/${entrance}.mjs`,
    bundle: true,
    platform: 'node',
    mainFields: ['module', 'main'],
    target: 'node20',
    format: 'esm',
    banner: { js: BANNER },
    minify: true,
    keepNames: true, // Nest and GraphQL know classes by their names
    legalComments: 'none',
    external: OPTIONAL,
    plugins: [originalPlaces(ROOT)],
    metafile: true,
    logLevel: 'warning',
  });
  carry(directory);
  writeFileSync(
    join(directory, 'THIRD-PARTY-NOTICES.txt'),
    notices(ROOT, Object.keys(metafile.inputs), servedPackages()),
  );
  const bytes = sizeOf(directory);
  console.log(
    `${folder}/${entrance}.mjs: ${megabytes(statSync(join(directory, `${entrance}.mjs`)).size)}, the folder ${megabytes(bytes)}`,
  );
}

/** What the code reads by path, where it looks for it: the folder is laid out as the repository is. */
function carry(directory) {
  for (const path of SERVED) {
    const [name] = path.split('/');
    const from = packageFolder(name);
    if (from === null) continue;
    for (const file of ['package.json', path.slice(name.length + 1)]) {
      copy(join(from, file), join(directory, 'node_modules', name, file));
    }
  }
  const pages = readdirSync(join(ROOT, 'dist'), { recursive: true, encoding: 'utf8' }).filter((path) =>
    /(^|[\\/])browser$/.test(path),
  );
  for (const path of [...pages.map((page) => join('dist', page)), 'web/dist']) {
    if (existsSync(join(ROOT, path))) cpSync(join(ROOT, path), join(directory, path), { recursive: true });
  }
}

function servedPackages() {
  return [...new Set(SERVED.map((path) => path.split('/')[0]))].map(packageFolder).filter((folder) => folder !== null);
}

/** Null = it is not installed. */
function packageFolder(name) {
  try {
    return dirname(createRequire(join(ROOT, 'package.json')).resolve(`${name}/package.json`));
  } catch {
    return null;
  }
}

function copy(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to);
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
