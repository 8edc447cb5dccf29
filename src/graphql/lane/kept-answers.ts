import type { GraphQLFormattedError } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { SourceName } from '../../from-sources.decorator.js';
import type { Sources } from '../../usage/read-sources.service.js';

/** A megabyte is some six hundred answers to `me`. */
const MOST_BYTES = 32 * 2 ** 20;
/** What is longer is no habit of a page's. */
const MOST_BYTES_OF_ONE = 32 * 2 ** 10;
/** What stands beside a text: its key, and what it was made from. */
const BYTES_BESIDE = 500;

/** What is sent, and its first error; null = there was none. */
export interface Answer {
  readonly text: string;
  /** Of the text, in bytes. */
  readonly length: string;
  /** Of ASCII both are the same bytes, and the first is made of a string in less time. */
  readonly encoding: 'latin1' | 'utf8';
  readonly error: GraphQLFormattedError | null;
  readonly hasData: boolean;
}

interface Kept {
  readonly sources: Sources;
  readonly answer: Answer;
}

/** All answers that are kept, whatever they are to: who asks for much in many ways pushes out others' and takes no more room. */
export class AnswerRoom {
  private readonly kept = new LRUCache<string, Kept>({
    maxSize: MOST_BYTES,
    maxEntrySize: MOST_BYTES_OF_ONE,
    sizeCalculation: ({ answer }) => 2 * answer.text.length + BYTES_BESIDE,
  });
  private queries = 0;

  /** For the answers to one query more. */
  shelf(madeFrom: readonly SourceName[]): KeptAnswers {
    this.queries += 1;
    return new KeptAnswers(madeFrom, this.kept, `${this.queries} `);
  }
}

/** Answers to one query, by customer: each is given again for as long as everything it was made from is the same. */
export class KeptAnswers {
  constructor(
    readonly madeFrom: readonly SourceName[],
    private readonly kept: LRUCache<string, Kept>,
    private readonly query: string,
  ) {}

  get(sub: string, sources: Sources): Answer | null {
    const kept = this.kept.get(this.query + sub);
    return kept && isSame(kept.sources, sources) ? kept.answer : null;
  }

  put(sub: string, sources: Sources, answer: Answer): void {
    this.kept.set(this.query + sub, { sources, answer });
  }
}

export function isSame(one: Sources, other: Sources): boolean {
  return one.every((source, index) => source === other[index]);
}
