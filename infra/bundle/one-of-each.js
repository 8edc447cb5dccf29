import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Packages that bring their modules in two forms: the one that can be bundled in part, for whoever asks, however they ask. */
export function oneOfEach(root, { absent, empty }) {
  const require = createRequire(join(root, 'package.json'));
  const rxjs = dirname(require.resolve('rxjs/package.json'));
  const graphql = dirname(require.resolve('graphql/package.json'));
  return {
    name: 'one-of-each',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^rxjs(\/operators)?$/ }, ({ path }) => ({
        path: join(rxjs, 'dist/esm', path.slice('rxjs'.length), 'index.js'),
        sideEffects: false,
      }));
      onResolve({ filter: /^graphql(\/|$)/ }, ({ path }) => {
        const module = require.resolve(path).slice(graphql.length);
        return { path: join(graphql, module.replace(/\.js$/, '.mjs')), sideEffects: false };
      });
      onResolve({ filter: oneOf(absent) }, ({ path }) => ({ path, namespace: 'absent' }));
      onResolve({ filter: /./ }, ({ path }) => (empty.includes(path) ? { path, namespace: 'empty' } : null));
      onLoad({ filter: /./, namespace: 'absent' }, ({ path }) => ({
        contents: `throw Object.assign(new Error(${JSON.stringify(`Cannot find package '${path}'`)}), { code: 'MODULE_NOT_FOUND' });`,
      }));
      onLoad({ filter: /./, namespace: 'empty' }, () => ({ contents: 'module.exports = {};' }));
    },
  };
}

function oneOf(names) {
  return new RegExp(`^(${names.join('|')})(/|$)`);
}
