import { useSyncExternalStore } from 'react';

/** A value that components follow. */
export class Store<T> {
  private readonly followers = new Set<() => void>();

  constructor(private value: T) {}

  readonly get = (): T => this.value;

  readonly follow = (follower: () => void): (() => void) => {
    this.followers.add(follower);
    return () => void this.followers.delete(follower);
  };

  protected set(value: T): void {
    this.value = value;
    for (const follower of this.followers) follower();
  }
}

export function useStore<T>(store: Store<T>): T {
  return useSyncExternalStore(store.follow, store.get);
}
