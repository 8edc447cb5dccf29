import { fileURLToPath } from 'node:url';

/** What packages load at once and hardly ever use is loaded when it is used: HTTP/2, which Fastify would serve, and dates in words. */
export const late = {
  name: 'late',
  setup({ initialOptions, onResolve, onLoad }) {
    Object.assign(initialOptions.define, { 'Intl.DateTimeFormat': 'LateDateTimeFormat' });
    initialOptions.inject = [fileURLToPath(new URL('late-date-time-format.js', import.meta.url))];
    onResolve({ filter: /^(node:)?http2$/ }, ({ path, namespace }) =>
      namespace === 'late' ? { path, external: true } : { path, namespace: 'late' },
    );
    onLoad({ filter: /./, namespace: 'late' }, ({ path }) => ({
      contents: `module.exports = new Proxy({}, { get: (_, name) => require(${JSON.stringify(path)})[name] });`,
    }));
  },
};
