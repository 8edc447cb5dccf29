/**
 * What of GraphiQL outlives the page: the operations and variables of its tabs, and the theme. Headers may hold a token
 * and replies a customer's data, so they are never kept, and neither is the history, which keeps headers.
 */

const TABS = 'graphiql:tabState';
const LASTING = [TABS, 'graphiql:theme'];

/** GraphiQL writes these down beside the tabs, at another moment, and opens one tab more when the two differ. */
const OF_THE_ACTIVE_TAB = { 'graphiql:query': 'query', 'graphiql:variables': 'variables' };

/** As GraphiQL wants it: a `Storage` of its own, which writes to `lasting` only what may stay. */
export function tabStorage(lasting) {
  const fleeting = new Map();
  const placeOf = (name) => (LASTING.includes(name) ? lasting : null);
  return {
    get length() {
      return fleeting.size;
    },
    getItem: (name) => {
      const part = OF_THE_ACTIVE_TAB[name];
      if (part) return activeTab(lasting.getItem(TABS))?.[part] ?? null;
      return placeOf(name)?.getItem(name) ?? fleeting.get(name) ?? null;
    },
    setItem: (name, value) => {
      if (placeOf(name)) lasting.setItem(name, name === TABS ? withoutSecrets(value) : value);
      else fleeting.set(name, value);
    },
    removeItem: (name) => {
      placeOf(name)?.removeItem(name);
      fleeting.delete(name);
    },
    clear: () => fleeting.clear(),
  };
}

function activeTab(tabState) {
  const { tabs = [], activeTabIndex = 0 } = JSON.parse(tabState ?? '{}');
  return tabs[activeTabIndex];
}

/** GraphiQL leaves headers and replies out as well, as long as a setting of its own says so. */
function withoutSecrets(tabState) {
  const { tabs = [], activeTabIndex = 0 } = JSON.parse(tabState);
  const kept = tabs.map(({ id, title, query, variables, operationName }) => ({
    id,
    title,
    query,
    variables,
    operationName,
    headers: null,
    response: null,
  }));
  return JSON.stringify({ tabs: kept, activeTabIndex });
}
