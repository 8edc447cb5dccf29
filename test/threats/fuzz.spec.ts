import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import { seeded } from '../faults/seeded.js';
import type { Customer } from '../support/customer.js';
import { post } from '../support/post.js';
import { World } from '../support/world.js';
import { type MadeRequest, QueryMaker } from './query-maker.js';

/** `FUZZ=500` sends so many of each, `SEED=n` others than those of every day. */
const COUNT = Number(process.env.FUZZ ?? 100);
const SEED = Number(process.env.SEED ?? 1);
const MAX_REFUSAL = 4000;

interface Finding {
  readonly request: MadeRequest;
  readonly status: number;
  readonly text: string;
}

describe(`threats §1, error injection: ${COUNT} requests that fit the schema and ${COUNT} that do not, seed ${SEED}`, () => {
  let world: World;
  let callers: readonly Customer[];
  let maker: QueryMaker;
  let served = 0;
  beforeAll(async () => {
    world = await World.start({ INTROSPECTION: 'off' });
    callers = [world.stranger, await world.customer(), await world.admin()];
    maker = new QueryMaker(world.app.get(GraphQLSchemaHost).schema, seeded(SEED));
  });
  afterAll(() => world.close());

  /** Sends them, by callers in turn, and answers those whose reply is not as it must be. */
  async function play(make: () => MadeRequest, isRight: (codes: readonly string[]) => boolean): Promise<Finding[]> {
    const findings: Finding[] = [];
    served = 0;
    for (let i = 0; i < COUNT; i++) {
      const request = make();
      const token = callers[i % callers.length]?.accessToken;
      const { status, codes, data, text } = await post(
        world.url,
        request,
        token ? { authorization: `Bearer ${token}` } : {},
      );
      if (data !== null) served++;
      const isFault = status >= 500 || codes.includes('INTERNAL_SERVER_ERROR');
      const isLong = codes.length > 5 || (data === null && text.length > MAX_REFUSAL);
      if (isFault || isLong || !isRight(codes)) findings.push({ request, status, text: text.slice(0, 300) });
    }
    return findings;
  }

  it(
    'those that fit are understood, and none is a fault',
    async () => {
      const isUnderstood = (codes: readonly string[]) => !codes.some((code) => code.startsWith('GRAPHQL_'));
      expect(await play(() => maker.valid(), isUnderstood)).toEqual([]);
      expect(served).toBeGreaterThan(COUNT / 10);
    },
    60_000 + COUNT * 100,
  );

  it(
    'those that do not fit are refused or served, shortly, and none is a fault',
    async () => {
      expect(
        await play(
          () => maker.broken(),
          () => true,
        ),
      ).toEqual([]);
    },
    60_000 + COUNT * 100,
  );

  it('leave nothing in the log that speaks of a fault', () => {
    expect(world.log.lines.filter((line) => line.includes('"Fault"'))).toEqual([]);
  });

  it('leave the server answering, and the customer with at most one live key', async () => {
    expect((await world.stranger.gql('{ plans { code } }')).errors).toEqual([]);
    for (const caller of callers.slice(1)) expect((await caller.liveKeys()).length).toBeLessThanOrEqual(1);
  });
});
