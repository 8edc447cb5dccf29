import { readFileSync } from 'node:fs';
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

/** The files that the page loads, by name; read once: those of installed npm packages, and those beside this one. */
export function readPlaygroundFiles(): ReadonlyMap<string, StaticFile> {
  const require = createRequire(import.meta.url);
  const packaged = (name: string, path: string) =>
    readFileSync(join(dirname(require.resolve(`${name}/package.json`)), path), 'utf8');
  const files = {
    'react.js': packaged('react', 'umd/react.production.min.js'),
    'react-dom.js': packaged('react-dom', 'umd/react-dom.production.min.js'),
    'graphiql.js': packaged('graphiql', 'dist/index.umd.js'),
    'graphiql.css': packaged('graphiql', 'dist/style.css'),
    'oidc-client.js': packaged('oidc-client-ts', 'dist/browser/oidc-client-ts.min.js'),
    ...Object.fromEntries(OWN.map((name) => [name, readFileSync(new URL(`browser/${name}`, import.meta.url), 'utf8')])),
  };
  return new Map(Object.entries(files).map(([name, body]) => [name, { type: typeOf(name), body }]));
}

function typeOf(name: string): string {
  return `text/${name.endsWith('.css') ? 'css' : 'javascript'}; charset=utf-8`;
}
