import { listen, showNoSignIn, showSession } from './bar.js';
import { operationsPane } from './operations.js';
import { Session } from './session.js';
import { tabStorage } from './storage.js';

const { createElement } = globalThis.React;
const { GraphiQL, ReactDOM } = globalThis;

const example = `# What is for sale: this needs no token.
# On the left are operations for admins.
query Plans {
  plans {
    code
    title
    price
    quota { limit period }
    throttle { rateLimit burstLimit }
  }
}
`;

/** Narrower than that, a pane beside the editors would leave them no room; it opens by its button. */
const ROOM_FOR_A_PANE = 900;

const root = document.getElementById('graphiql');
const settings = JSON.parse(root.dataset.signIn);

/** Every request goes out with the token of whoever is signed in, unless the tab has an Authorization header of its own. */
function fetchAs(session) {
  return async (url, request) => {
    const headers = new Headers(request.headers);
    const token = headers.has('authorization') ? null : await session?.token();
    if (token) headers.set('authorization', `Bearer ${token}`);
    return fetch(url, { ...request, headers });
  };
}

function show(session) {
  const page = ReactDOM.createRoot(root);
  const panes = { plugins: [operationsPane], ...(innerWidth >= ROOM_FOR_A_PANE && { visiblePlugin: operationsPane }) };
  // GraphiQL opens at first only panes that it knows already, and gets to know them after that: so they are told before.
  ReactDOM.flushSync(() => page.render(createElement(GraphiQL.React.PluginContextProvider, panes, null)));
  page.render(
    createElement(GraphiQL, {
      fetcher: GraphiQL.createFetcher({ url: '/graphql', fetch: fetchAs(session) }),
      ...panes,
      defaultQuery: example,
      defaultEditorToolsVisibility: session ? 'variables' : 'headers',
      shouldPersistHeaders: false,
      storage: tabStorage(localStorage),
    }),
  );
}

async function start() {
  if (settings === null) showNoSignIn('There is no sign-in here: the server has no COGNITO_DOMAIN.');
  else if (!isSecureContext) showNoSignIn('Signing in needs https, which this page does not have.');
  else return startWithSignIn();
  show(null);
}

async function startWithSignIn() {
  const session = new Session(settings);
  session.onChange = (told) => showSession(session, told);
  const { leaving, told } = await session.begin();
  if (leaving) return;
  listen(session);
  await showSession(session, told);
  show(session);
}

await start();
