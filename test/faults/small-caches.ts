import { jest } from '@jest/globals';

interface Options {
  readonly ttl?: number;
  readonly perf?: { readonly now: () => number };
}

/**
 * Stands in for LRUCache, which sets aside room for ten thousand customers in each process: here processes are made by
 * the hundred thousand and have two customers. harness.spec.ts holds it to the original.
 */
export class SmallCache<K, V> {
  private readonly entries = new Map<K, { readonly value: V; readonly until: number }>();

  constructor(private readonly options: Options = {}) {}

  get(key: K): V | undefined {
    const entry = this.entries.get(key);
    if (entry && entry.until < this.now()) this.entries.delete(key);
    return this.peek(key);
  }

  peek(key: K): V | undefined {
    const entry = this.entries.get(key);
    return entry && entry.until >= this.now() ? entry.value : undefined;
  }

  set(key: K, value: V, { ttl }: { readonly ttl?: number } = {}): this {
    const lifetime = ttl ?? this.options.ttl;
    this.entries.set(key, {
      value,
      until: lifetime ? this.now() + lifetime : Number.POSITIVE_INFINITY,
    });
    return this;
  }

  delete(key: K): boolean {
    return this.entries.delete(key);
  }

  *values(): Generator<V> {
    for (const key of this.entries.keys()) {
      const value = this.peek(key);
      if (value !== undefined) yield value;
    }
  }

  private now(): number {
    return this.options.perf?.now() ?? Date.now();
  }
}

jest.unstable_mockModule('lru-cache', () => ({ LRUCache: SmallCache }));
