import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

/**
 * In a bundle every module says that it is where the bundle is. Modules that read a file beside them look for it where
 * they would be if the bundle's folder were the repository, so nothing in them has to know that there are bundles.
 */
export function originalPlaces(root) {
  return {
    name: 'original-places',
    setup({ onLoad }) {
      onLoad({ filter: /[\\/]dist[\\/].*\.js$/ }, ({ path }) => {
        const place = relative(root, path).replaceAll('\\', '/');
        if (!place.startsWith('dist/')) return null; // another package's
        const text = readFileSync(path, 'utf8');
        const here = `new URL(${JSON.stringify(place)}, import.meta.url).href`;
        return { contents: text.replaceAll('import.meta.url', here), loader: 'js' };
      });
    },
  };
}
