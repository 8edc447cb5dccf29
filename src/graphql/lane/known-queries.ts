import { Injectable, Module } from '@nestjs/common';
import { type DocumentNode, type GraphQLSchema, Kind, parse } from 'graphql';
import type { CompiledQuery } from 'graphql-jit';
import { LRUCache } from 'lru-cache';
import { MOST_FIELDS_KEPT } from '../compiled-queries.js';
import { asksForSchema } from '../document-limits.js';
import { formatError } from '../format-error.js';
import { AnswerRoom } from './kept-answers.js';
import { TrustedQuery } from './trusted-query.js';

const MOST_LEARNED = 200;
/** A longer one is no habit of a client's. */
const MOST_CHARACTERS = 8000;

/** Queries that the lane may answer, by their text. */
@Injectable()
export class KnownQueries {
  private readonly trusted = new Map<string, TrustedQuery>();
  private readonly room = new AnswerRoom();
  private readonly learned = new LRUCache<string, TrustedQuery>({
    max: MOST_LEARNED,
    maxSize: MOST_FIELDS_KEPT,
    sizeCalculation: ({ size }) => size,
  });

  find(text: string): TrustedQuery | null {
    return this.trusted.get(text) ?? this.learned.get(text) ?? null;
  }

  /** One that was known when Turnpike was built; from now on. @throws when it is no query. */
  trust(schema: GraphQLSchema, text: string): void {
    this.trusted.set(text, new TrustedQuery(schema, parse(text), formatError, this.room));
  }

  /** One that has come often, and passed each time whatever a document has to pass; the schema is not for everybody. */
  learn(schema: GraphQLSchema, text: string, document: DocumentNode, compiled: CompiledQuery): void {
    const operations = document.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION);
    if (operations.length !== 1 || text.length > MOST_CHARACTERS || asksForSchema(document)) return;
    this.learned.set(text, new TrustedQuery(schema, document, formatError, this.room, compiled));
  }
}

@Module({ providers: [KnownQueries], exports: [KnownQueries] })
export class KnownQueriesModule {}
