import { afterEach, describe, expect, it } from '@jest/globals';
import { Clock } from '../../src/clock.js';
import { Preflight } from '../../src/operation/preflight/preflight.service.js';
import { policyInPlace, SERVER_ACCESS_KEY_ID, serverPolicies } from '../../src/sandbox/iam/server-policies.js';
import { KMS_KEY } from '../../src/sandbox/kms/kms.js';
import { Sweeper } from '../../src/subscriptions/sweep/sweeper.service.js';
import type { Customer } from '../support/customer.js';
import { keyOf } from '../support/outcomes.js';
import { environment, startApp, World } from '../support/world.js';

const SECRET = 'a-secret-for-tests-that-is-long-enough-0123456789';
const KMS_ONLY = { KEY_SECRET: '', KEY_KMS_KEY_ID: KMS_KEY.alias };
const BOTH = { KEY_SECRET: SECRET, KEY_KMS_KEY_ID: KMS_KEY.alias };

type Server = Awaited<ReturnType<typeof startApp>>;

describe('a secret that a key in KMS makes', () => {
  let world: World;
  const servers: Server[] = [];
  afterEach(async () => {
    for (const { app } of servers.splice(0)) await app.close();
    await world.close();
  });

  /** Another server on the same AWS, under other settings. */
  async function serverWith(settings: Readonly<Record<string, string>>): Promise<Server> {
    const server = await startApp(environment(world.sandbox.url, settings), world.app.get(Clock));
    servers.push(server);
    return server;
  }

  async function ask(server: Pick<Server, 'url'>, { accessToken }: Customer, query: string) {
    const reply = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${accessToken}` },
      body: JSON.stringify({ query }),
    });
    return (await reply.json()) as { data: Record<string, never> | null; errors?: { extensions: { code: string } }[] };
  }

  const readyz = async ({ url }: Pick<Server, 'url'>) => {
    const reply = await fetch(`${url}/readyz`);
    return { status: reply.status, text: await reply.text() };
  };

  async function until(isSo: () => Promise<boolean>): Promise<void> {
    while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 50));
  }

  /** What every server that shares the secret would do to this customer: nothing. */
  const drift = async ({ app }: Server) => (await app.get(Sweeper).latest()).drift;

  it('serves a customer’s life without KEY_SECRET, and every server makes the same keys of it', async () => {
    world = await World.start(KMS_ONLY);
    const ada = await world.customer();
    const first = keyOf(await ada.subscribe('free'));
    const other = await serverWith(KMS_ONLY);
    expect(await drift(other)).toEqual([]);
    await ask(other, ada, `mutation { rotateKey(keyId: "${first.id}") { __typename } }`);
    expect(await ada.liveKeys()).toHaveLength(1);
    const third = await serverWith(KMS_ONLY);
    expect(await drift(third)).toEqual([]);
    expect((await ask(third, ada, '{ me { subscription { state } } }')).data).toEqual({
      me: { subscription: { state: 'ACTIVE' } },
    });
  });

  it('is another one for another prefix and another key in KMS', async () => {
    world = await World.start(KMS_ONLY);
    const ada = await world.customer();
    await ada.subscribe('free');
    const other = await serverWith({ ...KMS_ONLY, KEY_PREFIX: 'other' });
    const { data } = await ask(other, ada, '{ me { subscription { plan { code } } } }');
    expect(data).toEqual({ me: { subscription: null } }); // its signature is none of theirs
  });

  it('takes over from KEY_SECRET: the old key goes on, the next one is KMS’s, and then KEY_SECRET can go', async () => {
    world = await World.start();
    const ada = await world.customer();
    const old = keyOf(await ada.subscribe('free'));
    const both = await serverWith(BOTH);
    expect(await drift(both)).toEqual([]);
    expect((await ada.liveKeys()).map(({ id }) => id)).toEqual([old.id]);
    await ask(both, ada, 'mutation { subscribe(plan: "basic") { __typename } }');
    await ask(both, ada, `mutation { rotateKey(keyId: "${old.id}") { __typename } }`);
    const alone = await serverWith(KMS_ONLY);
    expect(await drift(alone)).toEqual([]);
    const live = await ada.liveKeys();
    expect(live).toHaveLength(1);
    expect(live[0]?.id).not.toBe(old.id);
  });

  it('is waited for while KMS is away: not ready, TRY_AGAIN, nothing recorded; and all well when it is back', async () => {
    world = await World.start(KMS_ONLY);
    const ada = await world.customer();
    world.sandbox.habits.addFault({ operation: 'GenerateMac', kind: 'before' });
    const late = await serverWith(KMS_ONLY);
    const refused = await ask(late, ada, 'mutation { subscribe(plan: "free") { __typename } }');
    expect(refused.errors?.[0]?.extensions.code).toBe('TRY_AGAIN');
    expect(await readyz(late)).toMatchObject({ status: 503 });
    expect(await ada.attributes()).not.toHaveProperty('custom:plan');
    world.sandbox.habits.reset();
    const served = async () =>
      (await ask(late, ada, 'mutation { subscribe(plan: "free") { __typename } }')).data?.subscribe !== undefined;
    await until(served);
    expect(await ada.liveKeys()).toHaveLength(1);
  });

  it.each([
    ['a key that is none', { KEY_KMS_KEY_ID: 'alias/another' }, () => {}, 'KMS answers NotFoundException'],
    ['a key that is switched off', {}, () => world.sandbox.kms.setEnabled(false), 'KMS answers DisabledException'],
  ])('is refused at the start from %s, with the command that mends it', async (_, settings, before, words) => {
    world = await World.start();
    before();
    const server = await serverWith({ ...KMS_ONLY, ...settings });
    const verdict = await server.app.get(Preflight).look(async () => null);
    expect(verdict.outcome).toBe('unsafe');
    expect(verdict.unsafe).toMatchObject([
      { name: 'kms-key', what: expect.stringContaining(words), mend: expect.stringContaining('aws kms describe-key') },
    ]);
  });

  it('needs the right of infra/iam-policy-kms.json and no other, and the pre-flight says so where it is missing', async () => {
    world = await World.start({ ...KMS_ONLY, AWS_ACCESS_KEY_ID: SERVER_ACCESS_KEY_ID }, [], {
      policies: serverPolicies(),
    });
    const ada = await world.customer();
    keyOf(await ada.subscribe('free'));
    await world.close();
    const policies = { [SERVER_ACCESS_KEY_ID]: policyInPlace('iam-policy.json') };
    world = await World.start({ ...KMS_ONLY, AWS_ACCESS_KEY_ID: SERVER_ACCESS_KEY_ID }, [], { policies });
    const { unsafe } = await world.app.get(Preflight).look(async () => null);
    expect(unsafe.map(({ what }) => what)).toContain(
      'The policy does not allow kms:GenerateMac on the key that KEY_KMS_KEY_ID names.',
    );
  });
});
