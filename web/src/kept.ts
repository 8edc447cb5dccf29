/** Of a browser that may keep nothing for this page. */
const NOWHERE: Storage = {
  length: 0,
  key: () => null,
  getItem: () => null,
  setItem: () => {},
  removeItem: () => {},
  clear: () => {},
};

/** What is kept in the browser from one visit to the next. */
export const keptOnSite = opened(() => localStorage);
/** What is kept until the tab is closed. */
export const keptInTab = opened(() => sessionStorage);

function opened(storage: () => Storage): Storage {
  try {
    return storage();
  } catch {
    return NOWHERE;
  }
}
