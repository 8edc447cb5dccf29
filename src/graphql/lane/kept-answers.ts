import type { GraphQLFormattedError } from 'graphql';
import { LRUCache } from 'lru-cache';
import { roomFor } from '../../cache-options.js';
import type { SourceName } from '../../from-sources.decorator.js';
import type { Sources } from '../../usage/read-sources.service.js';

const MOST_ANSWERS = 1000;

/** What is sent, and its first error; null = there was none. */
export interface Answer {
  readonly text: string;
  /** Of the text, in bytes. */
  readonly length: string;
  readonly error: GraphQLFormattedError | null;
  readonly hasData: boolean;
}

interface Kept {
  readonly sources: Sources;
  readonly answer: Answer;
}

/** Answers to one query, by customer: each is given again for as long as everything it was made from is the same. */
export class KeptAnswers {
  private readonly kept = new LRUCache<string, Kept>(roomFor(MOST_ANSWERS));

  constructor(readonly madeFrom: readonly SourceName[]) {}

  get(sub: string, sources: Sources): Answer | null {
    const kept = this.kept.get(sub);
    return kept && isSame(kept.sources, sources) ? kept.answer : null;
  }

  put(sub: string, sources: Sources, answer: Answer): void {
    this.kept.set(sub, { sources, answer });
  }
}

export function isSame(one: Sources, other: Sources): boolean {
  return one.every((source, index) => source === other[index]);
}
