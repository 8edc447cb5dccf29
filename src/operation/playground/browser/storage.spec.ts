import { describe, expect, it } from '@jest/globals';
import { tabStorage } from './storage.js';

const TABS = 'graphiql:tabState';
const TAB = { id: '1', title: 'Me', query: '{ me { id } }', variables: '{"a":1}', operationName: null };
const SECRETS = { headers: '{"authorization":"Bearer secret"}', response: '{"value":"secret"}', hash: 'secret' };

function browser() {
  const kept = new Map<string, string>();
  const lasting = {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
    removeItem: (name: string) => void kept.delete(name),
  };
  return { kept, open: () => tabStorage(lasting) };
}

const state = (activeTabIndex: number) =>
  JSON.stringify({ tabs: [TAB, { ...TAB, ...SECRETS, id: '2', query: '{ plans { code } }' }], activeTabIndex });

describe('what the playground keeps in the browser', () => {
  it('is operations and variables of its tabs, never headers or replies', () => {
    const { kept, open } = browser();
    const page = open();
    page.setItem(TABS, state(0));
    for (const name of ['headers', 'queries', 'favorites', 'response']) page.setItem(`graphiql:${name}`, 'secret');
    expect([...kept.keys()]).toEqual([TABS]);
    expect(kept.get(TABS)).not.toContain('secret');
    expect(JSON.parse(open().getItem(TABS) ?? '').tabs).toEqual([
      { ...TAB, headers: null, response: null },
      { ...TAB, id: '2', query: '{ plans { code } }', headers: null, response: null },
    ]);
  });

  it('says of the tab in front what the tabs say, so that none is opened twice', () => {
    const { open } = browser();
    const page = open();
    page.setItem(TABS, state(1));
    page.setItem('graphiql:query', 'written at another moment');
    const next = open();
    expect(next.getItem('graphiql:query')).toBe('{ plans { code } }');
    expect(next.getItem('graphiql:variables')).toBe(TAB.variables);
  });

  it('is nothing at first, and what is taken away is gone', () => {
    const page = browser().open();
    expect([page.getItem(TABS), page.getItem('graphiql:query'), page.getItem('graphiql:headers')]).toEqual([
      null,
      null,
      null,
    ]);
    page.setItem(TABS, state(0));
    page.setItem('graphiql:headers', 'x');
    page.removeItem(TABS);
    page.removeItem('graphiql:headers');
    expect([page.getItem(TABS), page.getItem('graphiql:headers')]).toEqual([null, null]);
  });
});
