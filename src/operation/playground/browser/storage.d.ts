/** The part of the browser's `Storage` that GraphiQL uses. */
export interface TabStorage {
  readonly length: number;
  getItem(name: string): string | null;
  setItem(name: string, value: string): void;
  removeItem(name: string): void;
  clear(): void;
}

export function tabStorage(lasting: Pick<TabStorage, 'getItem' | 'setItem' | 'removeItem'>): TabStorage;
