import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const DATES = fileURLToPath(new URL('late-date-time-format.js', import.meta.url));
const EAGER = 'new Intl.DateTimeFormat(';

/** What packages load at once and do not use here is loaded when it is used: HTTP/2, which Fastify would serve, and dates in words. */
export const late = {
  name: 'late',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:http2$/ }, ({ path, importer, namespace }) => {
      if (namespace === 'late') return { path, external: true };
      return /[\\/]fastify[\\/]/.test(importer) ? { path, namespace: 'late' } : null;
    });
    onLoad({ filter: /./, namespace: 'late' }, ({ path }) => ({
      contents: `module.exports = new Proxy({}, { get: (_, name) => require(${JSON.stringify(path)})[name] });`,
    }));
    onLoad({ filter: /@nestjs[\\/]common[\\/]services[\\/](console-)?logger\.service\.js$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      if (!text.includes(EAGER))
        throw new Error(`${path} makes no ${EAGER} any more: take it out of ${import.meta.url}`);
      const head = `import { LateDateTimeFormat } from ${JSON.stringify(DATES)};\n`;
      return { contents: head + text.replaceAll(EAGER, 'new LateDateTimeFormat('), loader: 'js' };
    });
  },
};
