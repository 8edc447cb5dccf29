import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Packages that bring their modules in two forms: the one that can be bundled in part, for whoever asks, however they ask. */
export function oneOfEach(root, absent) {
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
      const names = absent.join('|');
      onResolve({ filter: new RegExp(`^(${names})(/|$)`) }, ({ path }) => ({ path, namespace: 'absent' }));
      onLoad({ filter: /./, namespace: 'absent' }, ({ path }) => ({
        contents: `throw Object.assign(new Error(${JSON.stringify(`Cannot find package '${path}'`)}), { code: 'MODULE_NOT_FOUND' });`,
      }));
    },
  };
}
