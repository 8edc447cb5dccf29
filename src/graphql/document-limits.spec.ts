import { describe, expect, it } from '@jest/globals';
import { buildSchema, getIntrospectionQuery, parse, validate } from 'graphql';
import { documentLimits } from './document-limits.js';

const SCHEMA = buildSchema('type Query { any: String }');

/** What the limits alone say of a document. */
const excessOf = (text: string) =>
  validate(SCHEMA, parse(text), [documentLimits]).map(({ message }) => message.match(/\d+ \w+/)?.[0]);

const nested = (levels: number) => `${'{ a '.repeat(levels)}${'}'.repeat(levels)}`;
const times = (count: number, text: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => text(i)).join(' ');

describe('the limits of a document', () => {
  it.each<[string, string, string | undefined]>([
    ['8 levels', nested(8), undefined],
    ['9 levels', nested(9), '8 levels'],
    [
      '9 levels with inline fragments between',
      '{ a { ... { a { ... { a { a { a { a { a { a { a } } } } } } } } } } }',
      '8 levels',
    ],
    [
      '9 levels with a fragment',
      '{ a { a { a { a { ...F } } } } } fragment F on Q { a { a { a { a { a } } } } }',
      '8 levels',
    ],
    ['9 levels in the second operation', `query A { a } query B ${nested(9)}`, '8 levels'],
    ['30 aliases', `{ ${times(30, (i) => `a${i}: a`)} }`, undefined],
    ['31 aliases', `{ ${times(31, (i) => `a${i}: __typename`)} }`, '30 aliases'],
    [
      '31 aliases over two operations',
      `query A { ${times(15, (i) => `a${i}: a`)} } query B { ${times(16, (i) => `a${i}: a`)} }`,
      '30 aliases',
    ],
    [
      '8 aliases in a fragment used 4 times',
      `{ ${times(4, (i) => `f${i} { ...F }`)} } fragment F on Q { ${times(8, (i) => `a${i}: a`)} }`,
      '30 aliases',
    ],
    ['500 fields', `{ ${times(500, (i) => `f${i}`)} }`, undefined],
    ['501 fields', `{ ${times(501, (i) => `f${i}`)} }`, '500 fields'],
    [
      '51 fields in a fragment used 10 times',
      `{ ${times(10, (i) => `f${i} { ...F }`)} } fragment F on Q { ${times(51, (i) => `g${i}`)} }`,
      '500 fields',
    ],
    ['9 directives', `query @a { a @b @b @b @b b @c ... @d { c } ...F } fragment F on Q @e { d }`, undefined],
    ['10 directives', `{ a ${'@a '.repeat(10)} }`, '9 directives'],
  ])('%s', (_, text, excess) => expect(excessOf(text)).toEqual(excess === undefined ? [] : [excess]));

  it('measure fragments that multiply, a quintillion fields in all, as fast as they are read', () => {
    const doubling = times(60, (i) => `fragment F${i + 1} on Q { ...F${i} ...F${i} }`);
    const startedAt = performance.now();
    expect(excessOf(`{ ...F60 } fragment F0 on Q { a } ${doubling}`)).toEqual(['500 fields']);
    expect(performance.now() - startedAt).toBeLessThan(500);
  });

  it('leave fragments that go round to the rule that is for them, and come to an end', () => {
    expect(excessOf('{ ...A } fragment A on Q { a { ...B } } fragment B on Q { a { ...A } }')).toEqual([]);
  });

  it('let the whole schema be asked for', () => {
    expect(excessOf(getIntrospectionQuery({ inputValueDeprecation: true, specifiedByUrl: true }))).toEqual([]);
  });

  it('leave room for what a page for admins asks, fragments, connections and all', () => {
    const page = `query Customers($after: String, $withDaily: Boolean!) {
      plans { ...Plan }
      users(first: 20, after: $after) {
        pageInfo { hasNextPage endCursor }
        edges { cursor node {
          id username email emailVerified status enabled createdAt
          subscription { planCode state suspension plan { ...Plan } apiKey { ...Key } overlappingKey { ...Key } }
          usage { limit used remaining granted periodStart resetsAt asOf daily @include(if: $withDaily) { date used } }
        } }
      }
      auditEvents(first: 50) { edges { node { id at actor { id email } mutation outcome before { plan { code title } } } } }
      usageReport(plan: "pro", from: "2026-11-01", to: "2026-11-30") { edges { node { user { id email } daily { date used } } } }
      drift { asOf differences { kind text user { id email subscription { planCode plan { quota { limit } } } } } }
    }
    fragment Plan on Plan { id code title description price selfService retired quota { limit period } throttle { rateLimit burstLimit } }
    fragment Key on ApiKey { id lastFour createdAt retiresAt }`;
    expect(excessOf(page)).toEqual([]);
  });
});
