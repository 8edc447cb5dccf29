import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const DATES = fileURLToPath(new URL('late-date-time-format.js', import.meta.url));
const EAGER = 'new Intl.DateTimeFormat(';

/** What some load at once and use for what nobody does here: HTTP/2, which Fastify would serve, and traces in metrics. */
const UNUSED = [
  { wanted: /^node:http2$/, by: /[\\/]fastify[\\/]/ },
  { wanted: /^@opentelemetry\/api$/, by: /[\\/]prom-client[\\/]/ },
];

/** What packages load at once and do not use here is loaded when it is used; so are dates in words, which Nest does not write here. */
export const late = {
  name: 'late',
  setup({ onResolve, onLoad }) {
    for (const { wanted, by } of UNUSED)
      onResolve({ filter: wanted }, ({ path, importer, namespace, resolveDir }) =>
        namespace !== 'late' && by.test(importer) ? { path, namespace: 'late', pluginData: resolveDir } : null,
      );
    onLoad({ filter: /./, namespace: 'late' }, ({ path, pluginData }) => ({
      contents: `module.exports = new Proxy({}, { get: (_, name) => require(${JSON.stringify(path)})[name] });`,
      resolveDir: pluginData,
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
