/** How a fact is known: `recorded` on AWS, said by AWS's `docs`, reported from the `field`, or our `inference`. */
export const BASES = ['recorded', 'docs', 'field', 'inference'] as const;
export type Basis = (typeof BASES)[number];

/** What not every cloud has. A row says which of it it takes, and is not run where it is missing. */
export const NEEDS = {
  clock: 'a clock that a test moves',
  functions: 'Lambda functions within the test',
  triggers: 'Lambda triggers within the test',
  mail: 'the letters that users would get',
  insides: 'a hand inside of the emulator',
  gate: 'a deployed API that can be called',
  reports: 'usage reports that do not lag',
  pages: 'the hosted pages, with forms a test can fill in',
  account: 'an account whose settings nobody else lives with',
} as const;
export type Need = keyof typeof NEEDS;

/** One fact about AWS, how it is put to the test in a world of kind `W`, and where it is known from. */
export interface Row<W> {
  /** Unique in the whole table. */
  readonly id: string;
  /** The operation, the request or the address it is about. */
  readonly call: string;
  /** What comes of it, as a sentence. */
  readonly what: string;
  readonly run: (world: W) => unknown;
  /** With `{api}`, `{pool}`, `{client}` and so on for what each world has under a name of its own. */
  readonly expected: unknown;
  readonly basis: Basis;
  readonly source: string;
  readonly needs?: readonly Need[];
}

/** Facts that belong together. */
export interface Section<W> {
  readonly title: string;
  readonly rows: readonly Row<W>[];
}
