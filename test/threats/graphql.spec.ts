import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import { Args, Field, GraphQLSchemaHost, Int, ObjectType, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { getIntrospectionQuery, getNamedType, isObjectType } from 'graphql';
import { serverAudits } from 'graphql-http';
import { AdminOnly, Public } from '../../src/auth/access.decorator.js';
import { TryAgainError } from '../../src/problem.js';
import { onlyEventOf } from '../support/audit.js';
import type { Customer } from '../support/customer.js';
import { type PostReply, post } from '../support/post.js';
import { World } from '../support/world.js';

/*
 * Attacks on a GraphQL endpoint, as OWASP's cheat sheet and the public scanners have them. What is refused here is
 * refused before a resolver runs.
 */

const ARN = 'arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_Sandbox01';
const MAX_REPLY = 4000;

describe('an attack on the GraphQL endpoint', () => {
  let resolved = 0;

  /** A type that leads to itself, which the product has none of. */
  @ObjectType()
  class Maze {
    @Field(() => Maze)
    readonly next?: Maze;
  }

  @Public()
  @Resolver(() => Maze)
  class MazeResolver {
    @Query(() => Maze)
    maze(): Maze {
      resolved++;
      return new Maze();
    }

    @ResolveField(() => Maze)
    next(): Maze {
      resolved++;
      return new Maze();
    }

    @Query(() => Int)
    total(@Args('numbers', { type: () => [Int] }) numbers: number[]): number {
      resolved++;
      return numbers.length;
    }

    @Query(() => Int, { nullable: true })
    broken(): number {
      throw new Error(`User: ${ARN} is not authorized`);
    }

    @Query(() => Int)
    fatal(): number {
      throw new Error(`User: ${ARN} is not authorized`);
    }

    @Query(() => Int)
    busy(): number {
      throw new TryAgainError(7);
    }

    @AdminOnly()
    @Query(() => Int)
    forAdmins(): number {
      resolved++;
      return 1;
    }
  }

  @Module({ providers: [MazeResolver] })
  class MazeRoom {}

  let world: World;
  let ada: Customer;
  let admin: Customer;
  beforeAll(async () => {
    world = await World.start({}, [MazeRoom]);
    [ada, admin] = [await world.customer(), await world.admin()];
    await world.stranger.gql('{ plans { code } }');
  });
  afterAll(() => world.close());
  beforeEach(() => {
    resolved = 0;
  });

  const bearer = ({ accessToken }: Customer) => ({ authorization: `Bearer ${accessToken}` });
  const times = (count: number, text: (i: number) => string) =>
    Array.from({ length: count }, (_, i) => text(i)).join(' ');

  /** Nothing ran, and the refusal is short. */
  async function expectRefused(send: () => Promise<PostReply>): Promise<PostReply> {
    let reply: PostReply | undefined;
    const calls = await world.callsDuring(async () => {
      reply = await send();
    });
    if (!reply) throw new Error('nothing was sent');
    expect([reply.data, resolved, calls]).toEqual([null, 0, []]);
    expect(reply.errors.length).toBeGreaterThan(0);
    expect(reply.errors.length).toBeLessThanOrEqual(5);
    expect(reply.text.length).toBeLessThan(MAX_REPLY);
    return reply;
  }

  describe('threats §1: a short request that would be a lot of work', () => {
    const nested = (levels: number) => `{ maze ${'{ next '.repeat(levels - 2)}{ __typename ${'}'.repeat(levels)}`;
    const doubling = times(40, (i) => `fragment F${i + 1} on Query { ...F${i} ...F${i} }`);
    const doublingMutation = times(40, (i) => `fragment F${i + 1} on Mutation { ...F${i} ...F${i} }`);

    it.each<[string, string, RegExp]>([
      [
        'mutation amplification: 200 aliased subscribes',
        `mutation { ${times(200, (i) => `a${i}:subscribe(plan:"free"){__typename}`)} }`,
        /tokens/,
      ],
      [
        'mutation amplification: 20 aliased subscribes',
        `mutation { ${times(20, (i) => `a${i}: subscribe(plan: "free") { __typename }`)} }`,
        /one mutation field/,
      ],
      ['alias flood: 1,000', `{ ${times(1000, (i) => `a${i}: maze { __typename }`)} }`, /tokens/],
      ['alias flood: 101 names for __typename', `{ ${times(101, (i) => `a${i}: __typename`)} }`, /30 aliases/],
      ['alias flood: 31', `{ ${times(31, (i) => `a${i}: maze { __typename }`)} }`, /30 aliases/],
      ['directive flood: 5,000 unknown ones', `{ maze ${'@a '.repeat(5000)} { __typename } }`, /tokens/],
      [
        'directive flood: 500 of one kind on a field',
        `{ maze ${'@include(if:true)'.repeat(500)} { __typename } }`,
        /tokens/,
      ],
      [
        'directive flood: 150 unknown ones',
        `{ maze ${'@a '.repeat(150)} { __typename } }`,
        /9 directives|Unknown directive/,
      ],
      [
        'directive flood: 10 that may be there',
        `{ ${times(10, (i) => `a${i}: __typename @include(if: true)`)} }`,
        /9 directives/,
      ],
      ['depth: 200 levels of a type that leads to itself', nested(200), /8 levels/],
      ['depth: 9 levels', nested(9), /8 levels/],
      [
        'depth: 9 levels by way of fragments',
        `{ maze { ...F } } fragment F on Maze { next { next { next { ...G } } } } fragment G on Maze { next { next { next { next { __typename } } } } }`,
        /8 levels/,
      ],
      ['equal fields: 5,000', `{ ${'__typename '.repeat(5000)} }`, /tokens/],
      ['equal fields: 600', `{ ${'__typename '.repeat(600)} }`, /500 fields/],
      ['overlapping fields: 900', `{ ${'maze{next{__typename}} '.repeat(900)} }`, /tokens/],
      [
        'a fragment that goes round',
        '{ maze { ...A } } fragment A on Maze { next { ...B } } fragment B on Maze { next { ...A } }',
        /spread fragment/,
      ],
      [
        'fragments that multiply to 2^40 fields',
        `{ ...F40 } fragment F0 on Query { maze { __typename } } ${doubling}`,
        /500 fields/,
      ],
      [
        'fragments that multiply to 2^40 mutations',
        `mutation { ...F40 } fragment F0 on Mutation { revealKey { __typename } } ${doublingMutation}`,
        /500 fields/,
      ],
      ['a document of more than 1,000 tokens', `{ ${'total(numbers:[1]) '.repeat(200)} }`, /tokens/],
      [
        'introspection that goes round',
        `{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }`,
        /introspection depth/i,
      ],
    ])('is refused before it runs: %s', async (_, query, reason) => {
      const startedAt = performance.now();
      const reply = await expectRefused(() => post(world.url, { query }, bearer(admin)));
      expect(performance.now() - startedAt).toBeLessThan(1000);
      expect([reply.status, reply.text]).toEqual([200, expect.stringMatching(reason)]);
    });

    it.each<[string, string]>([
      ['8 levels', nested(8)],
      ['30 aliases', `{ ${times(30, (i) => `a${i}: __typename`)} }`],
      ['9 directives', `{ ${times(9, (i) => `a${i}: __typename @include(if: true)`)} }`],
      ['a comment of 90 KB', `{ __typename } # ${'x'.repeat(90_000)}`],
    ])('is served as long as it is within the limits: %s', async (_, query) => {
      const { status, errors, data } = await post(world.url, { query });
      expect([status, errors, data === null]).toEqual([200, [], false]);
    });

    it('cannot be hidden in variables: a body of 1 MB is not read', async () => {
      const body = { query: '{ __typename }', variables: { filler: 'x'.repeat(1_000_000) } };
      expect((await expectRefused(() => post(world.url, body))).status).toBe(413);
    });

    it('is not answered at length: 5,000 bad values in a variable, and a name of 90 KB', async () => {
      const query = 'query ($numbers: [Int!]!) { total(numbers: $numbers) }';
      const values = await expectRefused(() =>
        post(world.url, { query, variables: { numbers: Array(5000).fill('x') } }),
      );
      expect(values.codes).toEqual(Array(values.codes.length).fill('BAD_USER_INPUT'));
      const name = 'x'.repeat(90_000);
      for (const text of [
        `{ ${name}: forAdmins }`,
        `{ ${name} }`,
        `query ${name}($a: ${name}) { total(numbers: $a) }`,
      ]) {
        await expectRefused(() => post(world.url, { query: text }));
      }
    });

    it('is not answered with an error for each of 30 fields that fail, but the log has all of them', async () => {
      const before = world.log.lines.filter((line) => line.includes('is not authorized')).length;
      const { data, errors, text } = await post(world.url, { query: `{ ${times(30, (i) => `a${i}: broken`)} }` });
      expect([Object.keys(data ?? {}).length, errors.length]).toEqual([30, 5]);
      expect(text.length).toBeLessThan(MAX_REPLY);
      expect(world.log.lines.filter((line) => line.includes('is not authorized')).length - before).toBe(30);
    });
  });

  describe('threats §1: a null, or too much, in variables that validation lets through', () => {
    const accept = 'application/graphql-response+json';
    const faults = () => world.log.lines.filter((line) => line.includes('"Fault"')).length;
    const NEW_PLAN = '{ code: "x", title: "x", stages: ["x/y"], selfService: $s }';

    it.each<[string, string, Record<string, unknown>, RegExp]>([
      [
        'an argument',
        'query ($n: Int) { users(first: $n) { totalCount } }',
        { n: null },
        /^Argument "first" of non-null/,
      ],
      [
        'a directive on a root field',
        'query ($b: Boolean = true) { plans @include(if: $b) { code } }',
        { b: null },
        /^Argument "if" of non-null/,
      ],
      [
        'a directive below it',
        'query ($b: Boolean = true) { plans { code @skip(if: $b) } }',
        { b: null },
        /^Argument "if" of non-null/,
      ],
      [
        'an item of a list',
        'query ($n: Int = 1) { total(numbers: [1, $n]) }',
        { n: null },
        /^Argument "numbers" has invalid/,
      ],
      [
        'more than fifty errors in one variable',
        'mutation ($i: NewPlanInput!) { createPlan(input: $i, reason: "x") { __typename } }',
        { i: Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`unknown${n}`, n])) },
        /^Variable "\$i" got invalid value/,
      ],
    ])(
      'is the request’s own mistake, and no fault of ours, each time it comes: %s',
      async (_, query, variables, message) => {
        const before = faults();
        const first = await post(world.url, { query, variables }, { accept });
        expect([first.status, new Set(first.codes)]).toEqual([400, new Set(['BAD_USER_INPUT'])]);
        expect(first.errors[0]?.message).toMatch(message);
        for (let time = 0; time < 8; time += 1) {
          expect((await post(world.url, { query, variables }, { accept })).text).toBe(first.text);
        }
        expect(faults()).toBe(before);
      },
    );

    it.each<[string, string, Record<string, unknown>]>([
      ['an argument', 'mutation ($g: Int) { rotateKey(keyId: "x", graceSeconds: $g) { __typename } }', { g: null }],
      [
        'a member of an input',
        `mutation ($s: Boolean = true) { createPlan(input: ${NEW_PLAN}, reason: "x") { __typename } }`,
        { s: null },
      ],
    ])('stands as such in the audit trail: %s', async (_, query, variables) => {
      const before = faults();
      const event = await onlyEventOf(world, async () => {
        const reply = await expectRefused(() => post(world.url, { query, variables }, { accept }));
        expect([reply.status, reply.codes]).toEqual([400, ['BAD_USER_INPUT']]);
      });
      expect([event.outcome, event.reference]).toEqual(['BAD_USER_INPUT', null]);
      expect(faults()).toBe(before);
    });
  });

  describe('threats §1: a request that comes in another way', () => {
    const query = 'mutation { subscribe(plan: "free") { __typename } }';

    it.each<[string, string, unknown, number]>([
      ['CSRF simple request: text/plain', 'text/plain', JSON.stringify({ query }), 415],
      ['CSRF simple request: a form', 'application/x-www-form-urlencoded', `query=${encodeURIComponent(query)}`, 415],
      ['CSRF simple request: a multipart form', 'multipart/form-data; boundary=x', '--x--', 415],
      ['array batching: 10 operations', 'application/json', Array(10).fill({ query }), 400],
      ['array batching: one operation', 'application/json', [{ query }], 400],
      [
        'automatic persisted queries',
        'application/json',
        { query, extensions: { persistedQuery: { version: 1, sha256Hash: 'x' } } },
        200,
      ],
    ])('is refused, also with a preflight header: %s', async (_, type, body, status) => {
      const preflights: Record<string, string>[] = [{}, { 'apollo-require-preflight': 'true' }];
      for (const preflight of preflights) {
        const headers = { ...bearer(ada), 'content-type': type, ...preflight };
        expect((await expectRefused(() => post(world.url, body, headers))).status).toBe(status);
      }
      expect(await ada.keys()).toEqual([]);
    });

    it.each<[string, string, Record<string, string>, number]>([
      ['CSRF simple request: a query by GET', '{ plans { code } }', {}, 400],
      ['a mutation by GET with a preflight header', query, { 'apollo-require-preflight': 'true' }, 405],
    ])('is refused: %s', async (_, text, headers, status) => {
      const url = `${world.url}/graphql?query=${encodeURIComponent(text)}`;
      const reply = await fetch(url, { headers: { ...bearer(ada), ...headers } });
      expect([reply.status, await reply.json()]).toEqual([status, { errors: [expect.anything()] }]);
      expect(await ada.keys()).toEqual([]);
    });
  });

  describe('threats §1: what the endpoint tells of itself', () => {
    it('is the whole schema for admins, who need more than 8 levels for it, and for nobody else', async () => {
      const query = getIntrospectionQuery();
      expect((await post(world.url, { query }, bearer(admin))).errors).toEqual([]);
      expect((await expectRefused(() => post(world.url, { query }, bearer(ada)))).codes).toEqual(['FORBIDDEN']);
      expect((await expectRefused(() => post(world.url, { query }))).codes).toEqual(['FORBIDDEN']);
    });

    it('is no suggestion: wrong fields, arguments, types and values are refused with no word on similar ones', async () => {
      const enumLike = 'query ($a: SubscriptionStat) { plans { code } }';
      for (const text of [
        '{ plan { code } }',
        '{ plans { cod } }',
        '{ maze { nxt { __typename } } }',
        '{ total(number: [1]) }',
        enumLike,
      ]) {
        const { errors } = await expectRefused(() => post(world.url, { query: text }));
        expect(errors.map(({ message }) => message).join()).not.toMatch(/did you mean|"plans"|"code"|"next"/i);
      }
    });

    it.each<[string, string, Record<string, unknown>]>([
      ['a value of an enum', 'query ($i: SubscriptionState) { users(state: $i) { totalCount } }', { i: 'active' }],
      [
        'members of an input',
        'mutation ($i: NewPlanInput!) { createPlan(input: $i, reason: "x") { __typename } }',
        { i: { cod: 'x', titel: 'x', selfServic: true } },
      ],
      [
        'one that a message would be cut in',
        'mutation ($i: NewPlanInput!) { createPlan(input: $i, reason: "x") { __typename } }',
        { i: { cod: ' '.repeat(187) } },
      ],
    ])('is no suggestion in variables either: %s', async (_, query, variables) => {
      const { errors, codes } = await expectRefused(() => post(world.url, { query, variables }));
      expect(new Set(codes)).toEqual(new Set(['BAD_USER_INPUT']));
      expect(errors.map(({ message }) => message).join()).not.toMatch(/did you/i);
    });

    it('is no value of a key but in the replies that issue one: nothing else leads to it', () => {
      const { schema } = world.app.get(GraphQLSchemaHost);
      const objects = Object.values(schema.getTypeMap()).filter(isObjectType);
      const holders = objects.filter((type) => type.getFields().value).map(({ name }) => name);
      const leading = objects.filter((type) =>
        Object.values(type.getFields()).some((field) => holders.includes(getNamedType(field.type).name)),
      );
      expect(holders).toEqual(['IssuedKey']);
      expect(leading.map(({ name }) => name).sort()).toEqual(['KeyRevealed', 'KeyRotated', 'SubscriptionChanged']);
    });

    it('names no server and no version', async () => {
      const { headers } = await post(world.url, { query: '{ plans { code } }' });
      expect([...headers.keys()].filter((name) => /server|powered|version/.test(name))).toEqual([]);
    });
  });

  describe('threats, status codes', () => {
    const JSON_TYPE = 'application/json';
    const GRAPHQL_TYPE = 'application/graphql-response+json';

    it.each<[string, string, number, number, string]>([
      ['no token', '{ me { id } }', 200, 401, 'UNAUTHENTICATED'],
      ['an admin’s field asked by nobody', '{ forAdmins }', 200, 401, 'UNAUTHENTICATED'],
      ['the schema asked by nobody', '{ __schema { types { name } } }', 200, 403, 'FORBIDDEN'],
      ['a service that is busy', '{ busy }', 200, 503, 'TRY_AGAIN'],
      [
        'two mutations',
        'mutation { a: revealKey { __typename } b: revealKey { __typename } }',
        200,
        400,
        'BAD_USER_INPUT',
      ],
      ['a document that does not parse', '{ plans {', 200, 400, 'GRAPHQL_PARSE_FAILED'],
      ['a document that does not validate', '{ nothing }', 200, 400, 'GRAPHQL_VALIDATION_FAILED'],
      [
        'a document too deep',
        `{ maze ${'{ next '.repeat(20)}{ __typename }${'}'.repeat(21)}`,
        200,
        400,
        'GRAPHQL_VALIDATION_FAILED',
      ],
      [
        'no operation of that name',
        'query A { __typename } query B { __typename }',
        200,
        400,
        'OPERATION_RESOLUTION_FAILURE',
      ],
      ['a fault', '{ fatal }', 200, 500, 'INTERNAL_SERVER_ERROR'],
      ['a fault beside data', '{ broken __typename }', 200, 200, 'INTERNAL_SERVER_ERROR'],
      ['no query', '', 400, 400, 'BAD_REQUEST'],
    ])('%s', async (_, query, asJson, asGraphql, code) => {
      const accepts: [string, number, string][] = [
        [JSON_TYPE, asJson, JSON_TYPE],
        ['*/*', asJson, JSON_TYPE],
        [`${JSON_TYPE}, ${GRAPHQL_TYPE}`, asJson, JSON_TYPE],
        [GRAPHQL_TYPE, asGraphql, GRAPHQL_TYPE],
        [`${GRAPHQL_TYPE}, ${JSON_TYPE};q=0.9`, asGraphql, GRAPHQL_TYPE],
        [`${JSON_TYPE};q=0.5, ${GRAPHQL_TYPE};q=0.9`, asGraphql, GRAPHQL_TYPE],
      ];
      for (const [accept, status, type] of accepts) {
        const reply = await post(world.url, { query }, { accept });
        expect([accept, reply.status, reply.codes]).toEqual([accept, status, [code]]);
        if (code !== 'BAD_REQUEST') expect(reply.headers.get('content-type')).toContain(type);
        const isTold = code === 'TRY_AGAIN' && status === 503;
        expect(reply.headers.get('retry-after')).toBe(isTold ? '7' : null);
      }
    });

    it('FORBIDDEN for a customer on an admin’s field', async () => {
      const send = (accept: string) => post(world.url, { query: '{ forAdmins }' }, { ...bearer(ada), accept });
      expect([(await send(JSON_TYPE)).status, (await send(GRAPHQL_TYPE)).status]).toEqual([200, 403]);
    });
  });

  describe('threats §1: GraphQL over HTTP, as graphql-http audits it', () => {
    const audited = async (headers: Record<string, string>) => {
      const fetchFn = (url: string, init: RequestInit = {}) =>
        fetch(url, { ...init, headers: { ...(init.headers as Record<string, string>), ...headers } });
      const results = [];
      for (const audit of serverAudits({ url: `${world.url}/graphql`, fetchFn })) results.push(await audit.fn());
      return results;
    };

    it('61 of 61 are met by an admin whose requests say that they are not cross-site', async () => {
      const results = await audited({ ...bearer(admin), 'apollo-require-preflight': 'true' });
      expect(results.filter(({ status }) => status !== 'ok')).toEqual([]);
      expect(results).toHaveLength(61);
    });

    it('without that header no MUST and no SHOULD is missed: only queries by GET, which would be cross-site', async () => {
      const results = await audited(bearer(admin));
      const missed = results.filter(({ status }) => status !== 'ok');
      expect(missed.filter(({ status }) => status !== 'notice')).toEqual([]);
      expect(missed.map(({ name }) => name)).toEqual(Array(3).fill(expect.stringMatching(/^MAY .*GET/)));
    });
  });
});
