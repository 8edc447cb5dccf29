import { createServer, type Server, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Governor } from '../../src/aws/governor.js';
import { Clock } from '../../src/clock.js';
import { act } from '../support/admin.js';
import type { Customer } from '../support/customer.js';
import { keyOf } from '../support/outcomes.js';
import { environment, startApp, World } from '../support/world.js';

const ME = '{ me { id subscription { planCode state } usage { used remaining asOf } } }';
const SUBSCRIBE = 'mutation { subscribe(plan: "basic") { __typename } }';

async function timed<T>(work: () => Promise<T>): Promise<{ seconds: number; outcome: T }> {
  const begun = performance.now();
  const outcome = await work();
  return { seconds: (performance.now() - begun) / 1000, outcome };
}

describe('when AWS is away', () => {
  let world: World;
  let ada: Customer;
  beforeAll(async () => {
    world = await World.start();
    ada = await world.customer();
    keyOf(await ada.subscribe('free'));
  });
  afterAll(() => world.close());
  afterEach(async () => {
    world.sandbox.habits.clearFaults();
    world.forward(60);
    for (let i = 0; i < 10 && world.app.get(Governor).away.length > 0; i++) {
      await ada.subscribe('free');
      world.forward(60);
    }
  });

  it('reads are answered with what was last known, and say of when it is', async () => {
    const { data: before } = await ada.gql(ME);
    world.forward(120);
    world.sandbox.habits.addFault({ operation: '*', kind: 'before' });
    const { data, errors } = await ada.gql(ME);
    expect(errors).toEqual([]);
    expect(data).toEqual(before);
    expect((await world.stranger.gql('{ plans { code } }')).data).toMatchObject({ plans: [{}, {}, {}] });
    world.sandbox.habits.clearFaults();
    world.forward(60);
    const { data: after } = await ada.gql(ME);
    expect(asOf(after)).toBeGreaterThan(asOf(before));
  });

  it('what was known is not told after an hour', async () => {
    await ada.gql(ME);
    world.forward(3700);
    world.sandbox.habits.addFault({ operation: '*', kind: 'before' });
    expect((await ada.gql(ME)).errors).toMatchObject([{ extensions: { code: 'TRY_AGAIN' } }]);
  });

  it('what was known before one’s own change is not told after it', async () => {
    await ada.gql(ME);
    await ada.subscribe('pro');
    world.sandbox.habits.addFault({ operation: '*', kind: 'before' });
    expect((await ada.gql(ME)).errors).toMatchObject([{ extensions: { code: 'TRY_AGAIN' } }]);
    world.sandbox.habits.clearFaults();
    world.forward(60);
    await ada.subscribe('free');
  });

  it('a change is answered TRY_AGAIN, soon without asking AWS at all, and is carried out once AWS is back', async () => {
    world.sandbox.habits.addFault({ operation: '*', kind: 'before' });
    const subscribe = () => ada.gql(SUBSCRIBE);
    for (let i = 0; i < 4; i++) {
      expect((await subscribe()).errors).toMatchObject([{ extensions: { code: 'TRY_AGAIN' } }]);
    }
    expect(await world.callsDuring(subscribe)).toEqual([]);
    const ready = await fetch(`${world.url}/readyz`);
    expect([ready.status, await ready.json()]).toMatchObject([200, { ready: true, away: ['cognito'] }]);
    world.sandbox.habits.clearFaults();
    world.forward(60);
    expect((await subscribe()).errors).toEqual([]);
    expect((await ada.keys())[0]).toMatchObject({ plans: ['basic'] });
  });
});

describe('when AWS tells nothing of usage any more, where sweeps run', () => {
  it('what it last told of everybody is shown for an hour, and says of when it is', async () => {
    const world = await World.start({ SWEEP_INTERVAL_SECONDS: '300', USAGE_LAG_SECONDS: '3600' });
    try {
      let ada = await world.customer();
      await ada.use(keyOf(await ada.subscribe('free')).value, 7);
      world.forward(4000);
      await act(await world.signIn((await world.admin()).email), 'sweep', { confirm: true });
      ada = await world.signIn(ada.email);
      const { data: before } = await ada.gql(ME);
      expect(before).toMatchObject({ me: { usage: { used: 7 } } });
      world.sandbox.habits.addFault({ operation: 'GetUsage', kind: 'before' });
      world.forward(1200);
      const { data, errors } = await ada.gql(ME);
      expect(errors).toEqual([]);
      expect(data).toEqual(before);
      world.forward(2500);
      ada = await world.signIn(ada.email);
      expect((await ada.gql(ME)).errors).toMatchObject([{ path: ['me', 'usage'], extensions: { code: 'TRY_AGAIN' } }]);
    } finally {
      await world.close();
    }
  });
});

describe('an AWS that takes connections and never answers', () => {
  let silent: Server;
  let world: World;
  const sockets = new Set<Socket>();
  beforeAll(async () => {
    silent = createServer((socket) => sockets.add(socket));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    world = await World.start();
  });
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    silent.close();
    await world.close();
  });

  /** A server whose public keys come from the sandbox, and all else from nowhere. */
  async function before(address: string) {
    const nowhere = { AWS_ENDPOINT_URL_API_GATEWAY: address, AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: address };
    return startApp(environment(world.sandbox.url, nowhere), new Clock(), undefined, { waits: false });
  }

  const listening = () => {
    const address = silent.address();
    return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  };

  it.each([
    ['silent', listening],
    ['unreachable', () => 'http://192.0.2.1:81'], // RFC 5737: nobody has this address
  ])(
    '(%s) holds up no request for longer than ten seconds, nor the start',
    async (_, address) => {
      const ada = await world.customer();
      const started = await timed(() => before(address()));
      expect(started.seconds).toBeLessThan(10);
      const { app, url } = started.outcome;
      const ask = (query: string) => timed(() => ada.gql(query, {}, url));
      const probe = (path: string) => timed(() => fetch(`${url}${path}`));
      const [me, plans, change, ready, alive] = await Promise.all([
        ask(ME),
        ask('{ plans { code } }'),
        ask(SUBSCRIBE),
        probe('/readyz'),
        probe('/healthz'),
      ]);
      for (const { seconds, outcome } of [me, plans, change]) {
        expect(outcome.errors).toMatchObject([{ extensions: { code: 'TRY_AGAIN' } }]);
        expect(seconds).toBeLessThan(10);
      }
      expect(ready.outcome.status).toBe(503);
      expect(ready.seconds).toBeLessThan(5);
      expect([alive.outcome.status, alive.seconds < 2]).toEqual([200, true]);
      await app.close();
    },
    60_000,
  );
});

function asOf(data: unknown): number {
  const { me } = data as { me: { usage: { asOf: string } } };
  return Date.parse(me.usage.asOf);
}
