/**
 * What of GraphiQL outlives the page: the operations and variables of its tabs, and the theme. Headers may hold a token
 * and replies a customer's data, so they are never kept, and neither is the history, which keeps headers.
 */

const LASTING = new Set(['graphiql:query', 'graphiql:variables', 'graphiql:theme', 'graphiql:tabState']);

/** As GraphiQL wants it: a `Storage` of its own, which writes to `lasting` only what may stay. */
export function tabStorage(lasting) {
  const fleeting = new Map();
  return {
    get length() {
      return fleeting.size;
    },
    getItem: (name) => (LASTING.has(name) ? lasting.getItem(name) : (fleeting.get(name) ?? null)),
    setItem: (name, value) => {
      if (!LASTING.has(name)) fleeting.set(name, value);
      else lasting.setItem(name, name === 'graphiql:tabState' ? withoutSecrets(value) : value);
    },
    removeItem: (name) => (LASTING.has(name) ? lasting.removeItem(name) : fleeting.delete(name)),
    clear: () => fleeting.clear(),
  };
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
