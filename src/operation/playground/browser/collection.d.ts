export interface ReadyOperation {
  readonly name: string;
  /** What it does, in a few words. */
  readonly about: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly text: string;
}

export const COLLECTION: readonly { readonly heading: string; readonly operations: readonly ReadyOperation[] }[];
