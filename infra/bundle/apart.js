import { join } from 'node:path';
import { build } from 'esbuild';

/**
 * Packages that most do without, each in a file of its own beside the code, which the code loads when it wants it: what is
 * not read takes no time. `bundle(folder)` makes these files, and answers of which files they are made.
 */
export function apart(root, names) {
  const plugin = {
    name: 'apart',
    setup({ onResolve }) {
      onResolve({ filter: /./ }, ({ path }) =>
        names.includes(path) ? { path: `./${fileOf(path)}`, external: true } : null,
      );
    },
  };
  const bundle = async (folder) => {
    const options = { absWorkingDir: root, platform: 'node', target: 'node20', format: 'cjs', bundle: true };
    const minify = { minifyWhitespace: true, keepNames: true, legalComments: 'none', logLevel: 'warning' };
    const made = names.map((name) =>
      build({ ...options, ...minify, entryPoints: [name], outfile: join(folder, fileOf(name)), metafile: true }),
    );
    return (await Promise.all(made)).flatMap(({ metafile }) => Object.keys(metafile.inputs));
  };
  return { plugin, bundle };
}

function fileOf(name) {
  return `${name.replaceAll(/\W+/g, '-').replace(/^-/, '')}.cjs`;
}
