import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TRUSTED_OPERATIONS } from '../../src/graphql/trusted-operations.js';
import { Metrics } from '../../src/metrics.js';
import { type Answered, between, GENERAL } from '../support/both-ways.js';
import type { Customer } from '../support/customer.js';
import { keyOf } from '../support/outcomes.js';
import { World } from '../support/world.js';

const ORIGIN = 'https://www.example.com';
const VARIABLES = { from: '2026-01-01', to: '2026-01-31' };
const ME = TRUSTED_OPERATIONS.find((text) => /query Me {/.test(text)) ?? '';

describe('the trusted lane', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ CORS_ORIGINS: ORIGIN });
  });
  afterAll(() => world.close());

  /** How many answers came out of the lane while that happened. */
  async function inLane(work: () => Promise<unknown>): Promise<number> {
    const { laneAnswers } = world.app.get(Metrics);
    const count = async () => (await laneAnswers.get()).values[0]?.value ?? 0;
    const before = await count();
    await work();
    return (await count()) - before;
  }

  async function post(
    { accessToken }: Customer,
    body: object | string,
    headers: Record<string, string> = {},
  ): Promise<Answered> {
    const reply = await fetch(`${world.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${accessToken}`, ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return { reply, text: await reply.text() };
  }

  /** The lane and the general path answer the same; and the lane is what it is said to be. */
  async function expectAlike(who: Customer, query: string, variables = {}, headers = {}): Promise<string> {
    const general = await post(who, { query, variables, ...GENERAL }, headers);
    let answer = general;
    const taken = await inLane(async () => {
      answer = await post(who, { query, variables }, headers);
    });
    expect(taken).toBe(1);
    expect(between(answer, general)).toBeUndefined();
    return answer.text;
  }

  describe('a query that was known when Turnpike was built is answered in the lane as on the general path, by the byte', () => {
    it.each(TRUSTED_OPERATIONS.map((text) => [text.replace(/\s+/g, ' ').slice(0, 60), text]))('%s', async (_, text) => {
      const ada = await world.customer();
      await expectAlike(ada, text, VARIABLES); // without a plan
      await ada.subscribe('free');
      await expectAlike(ada, text, VARIABLES);
      await expectAlike(ada, text, VARIABLES, { origin: ORIGIN });
      await expectAlike(ada, text, VARIABLES, { origin: 'https://evil.example.com' });
      await expectAlike(ada, text, VARIABLES, { accept: '*/*' });
    });

    it('after each of one’s own changes, at once', async () => {
      const ada = await world.customer();
      const { id } = keyOf(await ada.subscribe('free'));
      expect(await expectAlike(ada, ME)).toContain('"free"');
      await ada.subscribe('basic');
      expect(await expectAlike(ada, ME)).toContain('"basic"');
      await ada.rotate(id, 3600);
      expect(await expectAlike(ada, ME)).not.toContain('"overlappingKey":null');
      await ada.cancel();
      expect(await expectAlike(ada, ME)).toContain('"subscription":null');
    });

    it('with the refusals and faults of the general path: AWS away, a fault, nobody there any more', async () => {
      const ada = await world.customer();
      await expectAlike(ada, ME);
      world.forward(120);
      world.sandbox.habits.addFault({ operation: '*', kind: 'before' });
      const eve = await world.customer().catch(() => null);
      expect(eve).toBeNull(); // even the test cannot reach AWS
      await expectAlike(ada, ME);
      world.sandbox.habits.reset();
    });
  });

  describe('everything else goes the general way, as if nobody had looked', () => {
    it.each([
      ['without a token that was seen', (_: Customer) => ({ authorization: '' })],
      ['for another kind of answer', () => ({ accept: 'application/graphql-response+json' })],
      ['in another character set', () => ({ 'content-type': 'application/json; charset=utf-16' })],
    ])('%s', async (_, headersOf) => {
      const ada = await world.customer();
      await post(ada, { query: ME });
      expect(await inLane(() => post(ada, { query: ME }, headersOf(ada) as Record<string, string>))).toBe(0);
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
      await post(ada, { query: ME });
      const taken = await inLane(async () => expect((await post(ada, body)).reply.status).toBe(status));
      expect(taken).toBe(0);
    });

    it('a body that comes in pieces', async () => {
      const ada = await world.customer();
      await post(ada, { query: ME });
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
      await post(ada, { query: daily, variables: VARIABLES });
      const wrong = { query: daily, variables: { from: 'yesterday', to: 7 } };
      const general = await post(ada, { ...wrong, ...GENERAL });
      expect(between(await post(ada, wrong), general)).toBeUndefined();
      expect(await inLane(() => post(ada, wrong))).toBe(0);
    });
  });

  it('a token is taken only as long as it lives', async () => {
    const ada = await world.customer();
    await post(ada, { query: ME });
    expect(await inLane(() => post(ada, { query: ME }))).toBe(1);
    world.forward(2 * 3600);
    expect(await inLane(() => post(ada, { query: ME }))).toBe(0);
  });
});
