import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export interface StaticFile {
  readonly type: string;
  readonly body: string;
}

const OWN = [
  'page.css',
  'start.js',
  'session.js',
  'bar.js',
  'storage.js',
  'operations.js',
  'collection.js',
  'fleet-operations.js',
];

/** Files of packages, by the name that the page knows them by. */
const PACKAGED: Readonly<Record<string, readonly [name: string, path: string]>> = {
  'react.js': ['react', 'umd/react.production.min.js'],
  'react-dom.js': ['react-dom', 'umd/react-dom.production.min.js'],
  'graphiql.js': ['graphiql', 'dist/index.umd.js'],
  'graphiql.css': ['graphiql', 'dist/style.css'],
  'oidc-client.js': ['oidc-client-ts', 'dist/browser/oidc-client-ts.min.js'],
};

/** Where a package's file is, as long as it is installed: production has the copies that the build made. */
export function packagedFiles(): { readonly name: string; readonly folder: string; readonly path: string }[] {
  const require = createRequire(import.meta.url);
  return Object.entries(PACKAGED).map(([name, [from, path]]) => {
    const folder = dirname(require.resolve(`${from}/package.json`));
    return { name, folder, path: join(folder, path) };
  });
}

/** The files that the page loads, by name; read once. All stand beside this one, once it is built. */
export function readPlaygroundFiles(): ReadonlyMap<string, StaticFile> {
  const beside = (name: string) => new URL(`browser/${name}`, import.meta.url);
  const isBuilt = existsSync(beside('react.js'));
  const packaged = isBuilt
    ? Object.keys(PACKAGED).map((name) => ({ name, path: beside(name) }))
    : packagedFiles().map(({ name, path }) => ({ name, path }));
  const files = [...packaged, ...OWN.map((name) => ({ name, path: beside(name) }))];
  return new Map(files.map(({ name, path }) => [name, { type: typeOf(name), body: readFileSync(path, 'utf8') }]));
}

function typeOf(name: string): string {
  return `text/${name.endsWith('.css') ? 'css' : 'javascript'}; charset=utf-8`;
}
