import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import { parse } from 'graphql';
import { compiledOf, MOST_FIELDS_KEPT } from '../../src/graphql/compiled-queries.js';
import { KnownQueries } from '../../src/graphql/lane/known-queries.js';
import { TRUSTED_OPERATIONS } from '../../src/graphql/lane/trusted-operations.js';
import { Metrics } from '../../src/metrics.js';
import { between, GENERAL } from '../support/both-ways.js';
import type { Customer } from '../support/customer.js';
import { expectAlike, inLane, post } from '../support/in-lane.js';
import { keyOf } from '../support/outcomes.js';
import { World } from '../support/world.js';

const ORIGIN = 'https://www.example.com';
const VARIABLES = { from: '2026-01-01', to: '2026-01-31' };
const FIELDS = 'code title price quota { limit period }';
const ME = TRUSTED_OPERATIONS.find((text) => /query Me {/.test(text)) ?? '';

describe('the trusted lane', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ CORS_ORIGINS: ORIGIN });
  });
  afterAll(() => world.close());

  describe('a query that was known when Turnpike was built is answered in the lane as on the general path, by the byte', () => {
    it.each(TRUSTED_OPERATIONS.map((text) => [text.replace(/\s+/g, ' ').slice(0, 60), text]))('%s', async (_, text) => {
      const ada = await world.customer();
      await expectAlike(world, ada, text, VARIABLES); // without a plan
      await ada.subscribe('free');
      await expectAlike(world, ada, text, VARIABLES);
      await expectAlike(world, ada, text, VARIABLES, { origin: ORIGIN });
      await expectAlike(world, ada, text, VARIABLES, { origin: 'https://evil.example.com' });
      await expectAlike(world, ada, text, VARIABLES, { accept: '*/*' });
    });

    it('after each of one’s own changes, at once', async () => {
      const ada = await world.customer();
      const { id } = keyOf(await ada.subscribe('free'));
      expect(await expectAlike(world, ada, ME)).toContain('"free"');
      await ada.subscribe('basic');
      expect(await expectAlike(world, ada, ME)).toContain('"basic"');
      await ada.rotate(id, 3600);
      expect(await expectAlike(world, ada, ME)).not.toContain('"overlappingKey":null');
      await ada.cancel();
      expect(await expectAlike(world, ada, ME)).toContain('"subscription":null');
    });

    it('with the refusals and faults of the general path: AWS away, a fault, nobody there any more', async () => {
      const ada = await world.customer();
      await expectAlike(world, ada, ME);
      world.forward(120);
      world.sandbox.habits.addFault({ operation: '*', kind: 'before' });
      const eve = await world.customer().catch(() => null);
      expect(eve).toBeNull(); // even the test cannot reach AWS
      await expectAlike(world, ada, ME);
      world.sandbox.habits.reset();
    });
  });

  describe.each([
    'application/graphql-response+json',
    'application/graphql-response+json, application/json;q=0.9',
    'application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed',
    'application/json;q=0.5, application/graphql-response+json;q=0.4',
    'application/json, text/plain, */*',
  ])('for a client that accepts %s', (accept) => {
    it('type, status and headers are those of the general path, with data and without', async () => {
      const admin = await world.admin();
      const [ada, eve] = [await world.customer(), await world.customer()];
      await expectAlike(world, ada, ME, {}, { accept });
      const query = '{ users(first: 2) { edges { node { id } } } }';
      for (let time = 0; time < 8; time += 1) await post(world, admin, { query });
      expect(await expectAlike(world, ada, query, {}, { accept })).toContain('FORBIDDEN');
      world.sandbox.habits.addFault({ operation: '*', kind: 'before' });
      expect(await expectAlike(world, eve, ME, {}, { accept })).toContain('TRY_AGAIN');
      world.sandbox.habits.reset();
    });
  });

  describe('everything else goes the general way, as if nobody had looked', () => {
    it.each([
      ['without a token', (_: Customer) => ({ authorization: '' })],
      ['with a token that is not good', ({ accessToken }: Customer) => ({ authorization: `Bearer ${accessToken}x` })],
      ['for another kind of answer', () => ({ accept: 'text/html' })],
      ['for whatever is liked better', () => ({ accept: 'application/graphql-response+json;q=0.1, */*' })],
      ['in another character set', () => ({ 'content-type': 'application/json; charset=utf-16' })],
    ])('%s', async (_, headersOf) => {
      const ada = await world.customer();
      await post(world, ada, { query: ME });
      expect(await inLane(world, () => post(world, ada, { query: ME }, headersOf(ada) as Record<string, string>))).toBe(
        0,
      );
    });

    it.each([
      ['another text', { query: `${ME} ` }, 200],
      ['another member', { query: ME, ...GENERAL }, 200],
      ['another name', { query: ME, operationName: 'Another' }, 200],
      ['a list', '[]', 400],
      ['no JSON', '{', 400],
      ['a prototype', `{"query":${JSON.stringify(ME)},"variables":{"__proto__":{}}}`, 400],
    ])('%s', async (_, body, status) => {
      const ada = await world.customer();
      await post(world, ada, { query: ME });
      const taken = await inLane(world, async () => expect((await post(world, ada, body)).reply.status).toBe(status));
      expect(taken).toBe(0);
    });

    it('a body that comes in pieces', async () => {
      const ada = await world.customer();
      await post(world, ada, { query: ME });
      const body = JSON.stringify({ query: ME });
      const head = `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nauthorization: Bearer ${ada.accessToken}\r\nconnection: close\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`;
      const received = async (pieces: readonly string[]) => {
        const { port, hostname } = new URL(world.url);
        const socket = connect({ port: Number(port), host: hostname, noDelay: true });
        for (const piece of pieces) {
          socket.write(piece);
          await new Promise((resolve) => setTimeout(resolve, 20)); // so that each is a packet of its own
        }
        let text = '';
        for await (const chunk of socket) text += String(chunk);
        return text.slice(text.indexOf('\r\n\r\n'));
      };
      const half = body.length / 2;
      const whole = await received([head + body]);
      expect(whole).toContain(ada.email);
      expect(await received([head, body.slice(0, half), body.slice(half)])).toBe(whole);
      expect(await received([head + body.slice(0, 5), body.slice(5)])).toBe(whole);
    });

    it('a variable that is wrong, in graphql-js’ words', async () => {
      const daily = TRUSTED_OPERATIONS.find((text) => text.includes('$from')) ?? '';
      const ada = await world.customer();
      await post(world, ada, { query: daily, variables: VARIABLES });
      const wrong = { query: daily, variables: { from: 'yesterday', to: 7 } };
      const general = await post(world, ada, { ...wrong, ...GENERAL });
      expect(between(await post(world, ada, wrong), general)).toBeUndefined();
      expect(await inLane(world, () => post(world, ada, wrong))).toBe(0);
    });
  });

  it('a token is taken from the first time on, and only as long as it lives', async () => {
    const ada = await world.customer();
    expect(await inLane(world, () => post(world, ada, { query: ME }))).toBe(1);
    world.forward(2 * 3600);
    expect(await inLane(world, () => post(world, ada, { query: ME }))).toBe(0);
  });

  it('its answers are counted with all others when somebody looks', async () => {
    const ada = await world.customer();
    const metrics = world.app.get(Metrics);
    const counted = async () => {
      const text = await metrics.text();
      const series = ['turnpike_trusted_lane_total', 'turnpike_graphql_operations_total{field="me",outcome="ok"}'];
      const requests = 'turnpike_http_request_seconds_count{route="/graphql",status="200"}';
      return [...series, requests].map((name) => Number(text.split(`\n${name} `)[1]?.split('\n')[0]));
    };
    const before = await counted();
    for (let time = 0; time < 3; time += 1) await post(world, ada, { query: ME });
    expect(await counted()).toEqual(before.map((count) => count + 3));
  });

  describe('a query that comes often is learned, once it has passed all that documents have to pass', () => {
    const often = async (who: Customer, query: string) => {
      for (let time = 0; time < 8; time += 1) await post(world, who, { query });
    };

    it('whoever asks it from then on is answered in the lane, by the byte as on the general path', async () => {
      const ada = await world.customer();
      const query = '{ me { email subscription { planCode } } plans { code } }';
      expect(await inLane(world, () => post(world, ada, { query }))).toBe(0);
      await often(ada, query);
      await expectAlike(world, ada, query);
      const eve = await world.customer();
      expect(await expectAlike(world, eve, query)).toContain(eve.email);
    });

    it('one for admins is refused to everybody else, as before', async () => {
      const admin = await world.admin();
      const query = '{ users(first: 1) { edges { node { id } } } }';
      await often(admin, query);
      expect(await expectAlike(world, await world.customer(), query)).toContain('FORBIDDEN');
    });

    const shared = 'fragment P on Plan { title price }';
    it.each([
      [
        'a fragment is left out in one place and asked for in another',
        `query ($is: Boolean!) { plans { ...P @include(if: $is) } me { subscription { plan { ...P } } } } ${shared}`,
      ],
      [
        'a fragment that is left out and one that is not share a third',
        `query ($is: Boolean!) { plans { ...A @include(if: $is) ...B } } fragment A on Plan { ...P } fragment B on Plan { ...P } ${shared}`,
      ],
      [
        'a field is left out in one of two places',
        'query ($is: Boolean!) { plans { code @skip(if: $is) code title } }',
      ],
      [
        'a field is left out in one place, and what is in it is asked for in another',
        'query ($is: Boolean!) { me { subscription { planCode } } me @include(if: $is) { ... on User { email subscription @skip(if: $is) { state } } } }',
      ],
      [
        'a field is left out, and nothing stands twice',
        'query ($is: Boolean!) { plans @skip(if: $is) { code title @include(if: $is) } }',
      ],
      ['a member is called __proto__', '{ plans { __proto__: code title } }'],
    ])('the ninth answer is the first one where %s', async (_, query) => {
      const ada = await world.customer();
      await ada.subscribe('free');
      const body = { query, ...(query.startsWith('query') ? { variables: { is: false } } : {}) };
      const { text } = await post(world, ada, body);
      await often(ada, query);
      for (let time = 0; time < 8; time += 1) expect((await post(world, ada, body)).text).toBe(text);
      expect(JSON.parse(text)).not.toHaveProperty('errors');
    });

    it.each([
      ['an argument', 'query ($n: Int) { me { id } users(first: $n) { totalCount } }'],
      ['a directive', 'query ($n: Boolean = true) { plans { code title @include(if: $n) } }'],
      ['a directive on a root field', 'query ($n: Boolean = true) { me { id } plans @skip(if: $n) { code } }'],
    ])('the ninth answer is the first one where null stands in place of a default: %s', async (_, query) => {
      const admin = await world.admin();
      const answers = async (variables: object) => (await post(world, admin, { query, variables })).text;
      const [empty, given] = [await answers({ n: null }), await answers({})];
      for (let time = 0; time < 8; time += 1) {
        expect([await answers({ n: null }), await answers({})]).toEqual([empty, given]);
      }
      expect(empty).toContain('"BAD_USER_INPUT"');
      expect(JSON.parse(given)).not.toHaveProperty('errors');
      expect(world.app.get(KnownQueries).find(query)).not.toBeNull();
    });

    it('keeps as many as have so many fields together, and forgets those that were not asked for the longest', () => {
      const { schema } = world.app.get(GraphQLSchemaHost);
      const known = new KnownQueries();
      const texts = Array.from(
        { length: 60 },
        (_, n) => `query N${n} { ${aliases(14)} } fragment P on Plan { ${FIELDS} }`,
      );
      const documents = texts.map((text) => parse(text));
      const [first] = documents;
      const compiled = first ? compiledOf(schema, first, 'N0') : null;
      if (!compiled) throw new Error('it is not compiled');
      for (const [n, text] of texts.entries()) known.learn(schema, text, documents[n] ?? parse(text), compiled);
      const kept = texts.map((text) => known.find(text) !== null);
      expect(kept.filter(Boolean)).toHaveLength(Math.floor(MOST_FIELDS_KEPT / (14 * 7 + 1)));
      expect([kept[0], kept.at(-1)]).toEqual([false, true]);
    });

    it.each([
      ['a mutation', 'mutation { subscribe(plan: "free") { __typename } }'],
      ['what shows the schema', '{ __type(name: "User") { name } me { id } }'],
      ['one of several operations', 'query A { me { id } } query B { me { email } }'],
      ['what is refused', '{ me { nothing } }'],
      [
        'what would hold everybody up while it is compiled',
        `{ ${aliases(25)} } fragment P on Plan { code title price quota { limit period } }`,
      ],
    ])('never %s', async (_, query) => {
      const ada = await world.customer();
      await often(ada, query);
      expect(await inLane(world, () => post(world, ada, { query, operationName: 'A' }))).toBe(0);
      expect(await inLane(world, () => post(world, ada, { query }))).toBe(0);
    });
  });
});

/** The same list so many times. */
function aliases(count: number): string {
  return Array.from({ length: count }, (_, n) => `a${n}: plans { ...P }`).join(' ');
}
