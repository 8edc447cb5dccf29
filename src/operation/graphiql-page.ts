import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** GraphiQL from the installed npm packages: nothing is loaded from elsewhere, and no script stands in the page. */
export const GRAPHIQL_PATH = '/graphiql';

export const graphiqlPage = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Turnpike GraphiQL</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="${GRAPHIQL_PATH}/graphiql.css" />
    <link rel="stylesheet" href="${GRAPHIQL_PATH}/page.css" />
  </head>
  <body>
    <div id="graphiql">Loading …</div>
    <script src="${GRAPHIQL_PATH}/react.js"></script>
    <script src="${GRAPHIQL_PATH}/react-dom.js"></script>
    <script src="${GRAPHIQL_PATH}/graphiql.js"></script>
    <script src="${GRAPHIQL_PATH}/start.js"></script>
  </body>
</html>
`;

const pageStyle = 'html, body, #graphiql { height: 100%; margin: 0; }\n';

const startScript = `const example = \`# This needs no token. For all else, put one into
# the headers pane below:
# {"authorization": "Bearer <token>"}
{
  plans {
    code
    title
    price
    quota { limit period }
    throttle { rateLimit burstLimit }
  }
}
\`;
// GraphiQL keeps its history with headers, and so with tokens: only query and variables may outlive the page.
const lasting = new Set(['graphiql:query', 'graphiql:variables', 'graphiql:theme']);
const fleeting = new Map();
const storage = {
  get length() { return fleeting.size; },
  getItem: (key) => (lasting.has(key) ? localStorage.getItem(key) : (fleeting.get(key) ?? null)),
  setItem: (key, value) => (lasting.has(key) ? localStorage.setItem(key, value) : fleeting.set(key, value)),
  removeItem: (key) => (lasting.has(key) ? localStorage.removeItem(key) : fleeting.delete(key)),
  clear: () => fleeting.clear(),
};
ReactDOM.createRoot(document.getElementById('graphiql')).render(
  React.createElement(GraphiQL, {
    fetcher: GraphiQL.createFetcher({ url: '/graphql' }),
    defaultQuery: example,
    defaultEditorToolsVisibility: 'headers',
    shouldPersistHeaders: false,
    storage,
  }),
);
`;

export interface StaticFile {
  readonly type: string;
  readonly body: string;
}

/** The files that the page loads, by name; read once. */
export function readGraphiqlFiles(): ReadonlyMap<string, StaticFile> {
  const require = createRequire(import.meta.url);
  const read = (name: string, path: string) =>
    readFileSync(join(dirname(require.resolve(`${name}/package.json`)), path), 'utf8');
  const script = (body: string): StaticFile => ({ type: 'text/javascript; charset=utf-8', body });
  const style = (body: string): StaticFile => ({ type: 'text/css; charset=utf-8', body });
  return new Map([
    ['react.js', script(read('react', 'umd/react.production.min.js'))],
    ['react-dom.js', script(read('react-dom', 'umd/react-dom.production.min.js'))],
    ['graphiql.js', script(read('graphiql', 'dist/index.umd.js'))],
    ['graphiql.css', style(read('graphiql', 'dist/style.css'))],
    ['page.css', style(pageStyle)],
    ['start.js', script(startScript)],
  ]);
}
