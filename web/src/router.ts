import { Store } from './store.js';

/** Addresses within the page. */
export type Path = '/' | '/plans' | '/overview' | '/usage' | '/key' | '/account';

class Router extends Store<string> {
  constructor() {
    super(here());
    addEventListener('popstate', () => this.set(here()));
  }

  go(path: string): void {
    if (path === this.get()) return;
    history.pushState(null, '', path);
    this.set(path);
    scrollTo(0, 0);
  }

  /** Without a step that the back button would find. */
  replace(path: string): void {
    history.replaceState(null, '', path);
    this.set(path);
  }
}

/** Some hosts put a slash at the end. */
export function here(): string {
  return location.pathname.replace(/(.)\/+$/, '$1');
}

export const router = new Router();
