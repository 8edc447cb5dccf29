import { keptOnSite } from '../kept.js';

/** When something was last changed in this browser, in milliseconds; what it was is not kept. */
const NAME = 'turnpike.changed';

/** The other tabs of this browser, told of a change by the storage that all of them have. */
export class OtherTabs {
  tell(): void {
    keptOnSite.setItem(NAME, String(Date.now()));
  }

  listen(heard: () => void): void {
    addEventListener('storage', ({ key, newValue }) => {
      if (key === NAME && newValue !== null) heard();
    });
  }
}
