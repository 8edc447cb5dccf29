import { setTimeout as pause } from 'node:timers/promises';
import {
  APIGatewayClient,
  CreateApiKeyCommand,
  DeleteApiKeyCommand,
  DeleteUsagePlanKeyCommand,
  GetApiKeyCommand,
  GetApiKeysCommand,
  GetUsageCommand,
  GetUsagePlanKeysCommand,
  GetUsagePlansCommand,
  UpdateApiKeyCommand,
  UpdateUsageCommand,
  UpdateUsagePlanCommand,
} from '@aws-sdk/client-api-gateway';
import { CognitoIdentityProvider } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { habitsFlag } from '../../src/sandbox/habits/habits-flag.js';
import { DEFAULTS } from '../../src/sandbox/habits/settings.js';
import { Sandbox } from '../../src/sandbox/server.js';
import { refusal, World } from './gateway-rows.js';

const OPEN = 'sandboxapi/v1/open';
const TOO_MANY = '429 TooManyRequestsException: Too Many Requests';
const UNAVAILABLE = '503 ServiceUnavailableException: Service Unavailable';
const CONCURRENT =
  '409 ConflictException: Unable to complete operation due to concurrent modification. Please try again later.';
const BROKEN_OFF = /Error: aborted\n/;
const NO_SUCH_KEY = '404 NotFoundException: Invalid API Key identifier specified';

const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
const pool = { UserPoolId: 'us-east-1_Sandbox01' };

let world: World;
let sandbox: Sandbox;
let cognito: CognitoIdentityProvider;

beforeAll(async () => {
  sandbox = await Sandbox.start({ port: 0, directory: null });
  sandbox.clock.forward(secondsUntilNoon()); // so that no test runs into another day or month
  world = World.before(sandbox);
  cognito = new CognitoIdentityProvider({
    region: 'us-east-1',
    endpoint: sandbox.url,
    credentials,
    maxAttempts: 1,
  });
});

afterEach(() => sandbox.habits.reset());

afterAll(() => {
  cognito.destroy();
  return world.close();
});

const secondsUntilNoon = () => (86_400 + 43_200 - (sandbox.clock.seconds() % 86_400)) % 86_400;

const times = <T>(count: number, run: (number: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, number) => run(number)));

const refusals = (count: number, run: (number: number) => Promise<unknown>) =>
  times(count, (number) => refusal(run(number)));

const one = async (run: () => Promise<unknown>, count: number) => {
  const found: string[] = [];
  for (let made = 0; made < count; made += 1) found.push(await refusal(run()));
  return found;
};

const accepted = (answers: readonly string[]) => answers.filter((answer) => answer === 'accepted').length;

const listed = async (nameQuery: string) => {
  const { items = [] } = await world.sdk.send(new GetApiKeysCommand({ nameQuery }));
  return items.map(({ id }) => id);
};

const plansOf = async (keyId: string) =>
  (await world.sdk.send(new GetUsagePlansCommand({ keyId }))).items?.map(({ id }) => id);

const keysIn = async (usagePlanId: string) =>
  (await world.sdk.send(new GetUsagePlanKeysCommand({ usagePlanId }))).items?.map(({ id }) => id);

const someone = async () => {
  const { users } = await sandbox.seedMany({ users: 1, emailPrefix: world.name('user').replace(/\.$/, '') });
  return { ...pool, Username: users[0]?.username ?? '' };
};

const find = async (username: string) => {
  const { Users = [] } = await cognito.listUsers({ ...pool, Filter: `username = "${username}"` });
  return Users[0]?.Attributes?.find(({ Name }) => Name === 'custom:plan')?.Value ?? Users.length;
};

const control = async (method: string, path: string, body?: unknown) => {
  const sent = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
  const reply = await fetch(`${sandbox.url}/_sandbox/${path}`, { method, ...sent });
  return { status: reply.status, body: (await reply.json()) as Record<string, unknown> };
};

describe('habits that are off', () => {
  it('refuse nothing, however fast and however many at a time', async () => {
    expect(sandbox.habits.settings).toEqual(DEFAULTS);
    const plan = await world.plan();
    const keys = await times(60, () => world.key());
    await times(60, async (number) => world.attach(plan.id, keys[number]?.id ?? ''));
    expect((await keysIn(plan.id))?.length).toBe(25);
    await times(3, () =>
      world.sdk.send(
        new UpdateUsagePlanCommand({
          usagePlanId: plan.id,
          patchOperations: [{ op: 'replace', path: '/name', value: 'again' }],
        }),
      ),
    );
    const user = await someone();
    await times(60, () => cognito.adminEnableUser(user));
    const calls = sandbox.habits.calls();
    expect(calls.CreateApiKey).toEqual({ calls: 60, refused: {} });
    expect(calls.AdminEnableUser).toEqual({ calls: 60, refused: {} });
    expect(Object.values(calls).every(({ refused }) => Object.keys(refused).length === 0)).toBe(true);
  });
});

describe('rates', () => {
  it('refuse API Gateway calls over 40 at once, with AWS’s words', async () => {
    sandbox.habits.set({ rates: true });
    const answers = await refusals(120, () => world.sdk.send(new GetUsagePlansCommand({})));
    expect(accepted(answers)).toBeGreaterThanOrEqual(40);
    expect([...new Set(answers)].sort()).toEqual([TOO_MANY, 'accepted']);
    expect(sandbox.habits.calls().GetUsagePlans).toEqual({
      calls: 120,
      refused: { TooManyRequestsException: 120 - accepted(answers) },
    });
  });

  it('have the shape of AWS on the wire', async () => {
    sandbox.habits.set({ rates: true, rateFactor: 0.001 });
    const answers = await times(41, () => world.wire('GET', '/usageplans'));
    expect(answers.filter(({ status }) => status !== 200)).toEqual([
      { status: 429, type: 'TooManyRequestsException', body: '{"message":"Too Many Requests"}' },
    ]);
  });

  it('allow CreateApiKey and DeleteApiKey five at once each', async () => {
    const doomed = await times(6, () => world.key());
    sandbox.habits.set({ rates: true, rateFactor: 0.001 });
    expect(accepted(await refusals(6, () => world.key()))).toBe(5);
    const deletes = refusals(6, (at) => world.sdk.send(new DeleteApiKeyCommand({ apiKey: doomed[at]?.id })));
    expect(accepted(await deletes)).toBe(5);
  });

  it('allow one UpdateUsagePlan in 20 seconds, and say when to come back if asked to', async () => {
    const { id: usagePlanId } = await world.plan();
    const patchOperations = [{ op: 'replace' as const, path: '/name', value: 'new' }];
    const update = () => world.sdk.send(new UpdateUsagePlanCommand({ usagePlanId, patchOperations }));
    sandbox.habits.set({ rates: true });
    expect(await one(update, 2)).toEqual(['accepted', TOO_MANY]);
    expect(await update().catch((error) => error.retryAfterSeconds)).toBeUndefined();
    sandbox.habits.set({ retryAfter: true });
    expect(Number(await update().catch((error) => error.retryAfterSeconds))).toBeGreaterThan(10);
    sandbox.habits.set({ rateFactor: 1000 });
    await pause(60);
    expect(await refusal(update())).toBe('accepted');
  });

  it('refuse Cognito calls by category, as status 400', async () => {
    const user = await someone();
    sandbox.habits.set({ rates: true, rateFactor: 0.001 });
    const updates = await refusals(26, (at) =>
      at % 2 ? cognito.adminEnableUser(user) : cognito.adminUserGlobalSignOut(user),
    );
    const lists = await refusals(31, () => cognito.listUsers({ ...pool, Limit: 1 }));
    const reads = await refusals(121, () => cognito.adminGetUser(user));
    expect([updates, lists, reads].map(accepted)).toEqual([25, 30, 120]);
    const refused = [...new Set([...updates, ...lists, ...reads])].filter((answer) => answer !== 'accepted');
    expect(refused).toEqual(['400 TooManyRequestsException: Rate exceeded']);
  });
});

describe('serial attach', () => {
  it('refuses an attach or detach while another is in progress', async () => {
    const [plan, other, first, second] = await Promise.all([world.plan(), world.plan(), world.key(), world.key()]);
    await world.attach(other.id, second.id);
    sandbox.habits.set({ serialAttach: true, serialAttachMilliseconds: 300 });
    const detach = () => world.sdk.send(new DeleteUsagePlanKeyCommand({ usagePlanId: other.id, keyId: second.id }));
    const answers = await Promise.all([refusal(world.attach(plan.id, first.id)), refusal(detach())]);
    expect(answers.sort()).toEqual([CONCURRENT, 'accepted']);
    expect((await plansOf(first.id))?.length).toBe((await plansOf(second.id))?.length === 1 ? 1 : 0);
  });

  it('lets them follow one another', async () => {
    const [plan, first, second] = await Promise.all([world.plan(), world.key(), world.key()]);
    sandbox.habits.set({ serialAttach: true, serialAttachMilliseconds: 5 });
    await world.attach(plan.id, first.id);
    expect(await refusal(world.attach(plan.id, first.id))).toMatch(/^409 ConflictException: Usage Plan Key/);
    await world.attach(plan.id, second.id);
    expect(await keysIn(plan.id)).toEqual([second.id, first.id]);
  });
});

describe('a key cap', () => {
  it('refuses the key that is one too many, until another is deleted', async () => {
    const held = await world.key();
    sandbox.habits.set({ keyCap: sandbox.store.table('gateway.apiKeys').size + 1 });
    const full = '429 LimitExceededException: Maximum number of API keys reached';
    expect(await one(() => world.key(), 2)).toEqual(['accepted', full]);
    await world.sdk.send(new DeleteApiKeyCommand({ apiKey: held.id }));
    expect(await one(() => world.key(), 2)).toEqual(['accepted', full]);
    expect(sandbox.habits.calls().CreateApiKey?.refused).toEqual({ LimitExceededException: 2 });
  });
});

describe('usage lag', () => {
  const reported = async (usagePlanId: string, keyId: string) => {
    const startDate = new Date(sandbox.clock.now().getTime() - 86_400_000).toISOString().slice(0, 10);
    const { items } = await world.sdk.send(
      new GetUsageCommand({ usagePlanId, keyId, startDate, endDate: world.today() }),
    );
    const days = items?.[keyId];
    return days && { used: days.reduce((sum, [used = 0]) => sum + used, 0), remaining: days.at(-1)?.[1] };
  };

  it('shows calls late and enforces the quota at once', async () => {
    const { planId, keyId, value } = await world.subscriber({ quota: { limit: 3, period: 'MONTH' } });
    await world.statuses(1, OPEN, { 'x-api-key': value });
    sandbox.habits.set({ usageLagSeconds: 1800 });
    expect(await world.statuses(3, OPEN, { 'x-api-key': value })).toEqual([200, 200, 429]);
    expect(await reported(planId, keyId)).toEqual({ used: 1, remaining: 2 });
    sandbox.clock.forward(1801);
    expect(await reported(planId, keyId)).toEqual({ used: 3, remaining: 0 });
  });

  it('shows a correction late and obeys it at once', async () => {
    const { planId, keyId, value } = await world.subscriber({ quota: { limit: 1, period: 'MONTH' } });
    sandbox.habits.set({ usageLagSeconds: 1800 });
    await world.statuses(1, OPEN, { 'x-api-key': value });
    sandbox.clock.forward(1801);
    const patchOperations = [{ op: 'replace' as const, path: '/remaining', value: '7' }];
    await world.sdk.send(new UpdateUsageCommand({ usagePlanId: planId, keyId, patchOperations }));
    expect(await world.statuses(1, OPEN, { 'x-api-key': value })).toEqual([200]);
    expect(await reported(planId, keyId)).toEqual({ used: 1, remaining: 0 });
    sandbox.clock.forward(1801);
    expect(await reported(planId, keyId)).toEqual({ used: 2, remaining: 6 });
  });

  it('switched off shows everything', async () => {
    const { planId, keyId, value } = await world.subscriber({ quota: { limit: 5, period: 'MONTH' } });
    sandbox.habits.set({ usageLagSeconds: 1800 });
    await world.statuses(2, OPEN, { 'x-api-key': value });
    expect(await reported(planId, keyId)).toBeUndefined();
    sandbox.habits.set({ usageLagSeconds: 0 });
    expect(await reported(planId, keyId)).toEqual({ used: 2, remaining: 3 });
    sandbox.habits.set({ usageLagSeconds: 1800 });
    await world.statuses(1, OPEN, { 'x-api-key': value });
    sandbox.habits.set({ usageLagSeconds: 0 });
    await world.statuses(1, OPEN, { 'x-api-key': value });
    sandbox.habits.set({ usageLagSeconds: 1800 });
    expect(await reported(planId, keyId)).toEqual({ used: 4, remaining: 1 });
  });
});

describe('stale lists', () => {
  it('lack the last write, while a key asked for by id is there', async () => {
    sandbox.habits.set({ staleWrites: 1 });
    const prefix = world.name('stale');
    const first = await world.key({ name: `${prefix}1` });
    expect(await listed(prefix)).toEqual([]);
    const second = await world.key({ name: `${prefix}2` });
    expect(await listed(prefix)).toEqual([first.id]);
    const get = () => world.sdk.send(new GetApiKeyCommand({ apiKey: second.id }));
    expect(await refusal(get())).toBe('accepted');
    sandbox.habits.set({ staleReads: true });
    expect(await refusal(get())).toBe(NO_SUCH_KEY);
    sandbox.habits.set({ staleWrites: 0 });
    expect(await listed(prefix)).toEqual([second.id, first.id]);
  });

  it('lack writes that are too young, and show what is gone already', async () => {
    const doomed = await world.key();
    sandbox.habits.set({ staleMilliseconds: 60_000 });
    await world.sdk.send(new DeleteApiKeyCommand({ apiKey: doomed.id }));
    expect(await listed(doomed.name ?? '')).toEqual([doomed.id]);
    expect(await refusal(world.sdk.send(new GetApiKeyCommand({ apiKey: doomed.id })))).toBe(NO_SUCH_KEY);
    sandbox.clock.forward(61);
    expect(await listed(doomed.name ?? '')).toEqual([]);
  });

  it('are those of memberships too; the list of all plans is not', async () => {
    const [plan, key] = await Promise.all([world.plan(), world.key()]);
    sandbox.habits.set({ staleMilliseconds: 60_000 });
    await world.attach(plan.id, key.id);
    const { id: newest } = await world.plan();
    expect([await keysIn(plan.id), await plansOf(key.id)]).toEqual([[], []]);
    expect((await world.sdk.send(new GetUsagePlansCommand({}))).items?.[0]?.id).toBe(newest);
    sandbox.clock.forward(61);
    expect([await keysIn(plan.id), await plansOf(key.id)]).toEqual([[key.id], [plan.id]]);
  });

  it('are those of users too; AdminGetUser is stale only when it is meant to be', async () => {
    const user = await someone();
    sandbox.habits.set({ staleMilliseconds: 60_000 });
    await cognito.adminUpdateUserAttributes({ ...user, UserAttributes: [{ Name: 'custom:plan', Value: 'pro' }] });
    const plan = async () => {
      const { UserAttributes } = await cognito.adminGetUser(user);
      return UserAttributes?.find(({ Name }) => Name === 'custom:plan')?.Value;
    };
    expect([await find(user.Username), await plan()]).toEqual([1, 'pro']);
    sandbox.habits.set({ staleReads: true });
    expect(await plan()).toBeUndefined();
    const newcomer = await someone();
    expect(await find(newcomer.Username)).toBe(0);
    sandbox.clock.forward(61);
    expect([await find(user.Username), await plan(), await find(newcomer.Username)]).toEqual(['pro', 'pro', 1]);
  });

  it('are those of users alone where that is wanted', async () => {
    sandbox.habits.set({ staleMilliseconds: 60_000, staleReads: true, staleUsersOnly: true });
    const [user, key] = [await someone(), await world.key()];
    expect([await find(user.Username), await listed(key.name ?? '')]).toEqual([0, [key.id]]);
    expect(await refusal(world.sdk.send(new GetApiKeyCommand({ apiKey: key.id })))).toBe('accepted');
  });
});

describe('slow propagation', () => {
  it('opens a new key late and closes a disabled one late', async () => {
    sandbox.habits.set({ propagationSeconds: 120 });
    const { keyId, value } = await world.subscriber();
    const call = () => world.statuses(1, OPEN, { 'x-api-key': value });
    expect(await call()).toEqual([403]);
    sandbox.clock.forward(121);
    expect(await call()).toEqual([200]);
    const patchOperations = [{ op: 'replace' as const, path: '/enabled', value: 'false' }];
    await world.sdk.send(new UpdateApiKeyCommand({ apiKey: keyId, patchOperations }));
    expect(await call()).toEqual([200]);
    sandbox.clock.forward(121);
    expect(await call()).toEqual([403]);
  });
});

describe('latency', () => {
  const took = async (run: () => Promise<unknown>) => {
    const start = performance.now();
    const answer = await refusal(run());
    return { answer, milliseconds: performance.now() - start };
  };

  it('makes every answer of both services late, refusals too', async () => {
    sandbox.habits.set({ latencyMilliseconds: 200 });
    const { Username } = await someone();
    const calls = [
      await took(() => world.key()),
      await took(() => world.sdk.send(new GetApiKeyCommand({ apiKey: 'nobody' }))),
      await took(() => cognito.adminGetUser({ ...pool, Username })),
    ];
    expect(calls.map(({ answer }) => answer)).toEqual(['accepted', NO_SUCH_KEY, 'accepted']);
    expect(Math.min(...calls.map(({ milliseconds }) => milliseconds))).toBeGreaterThanOrEqual(199);
  });

  it('lets the call take effect at once, whether or not its caller waits', async () => {
    const name = world.name('late');
    const caller = new AbortController();
    sandbox.habits.set({ latencyMilliseconds: 60_000 });
    const sent = refusal(world.sdk.send(new CreateApiKeyCommand({ name }), { abortSignal: caller.signal }));
    while (sandbox.habits.calls().CreateApiKey === undefined) await pause(5);
    caller.abort();
    expect(await sent).toMatch(/AbortError/);
    sandbox.habits.set({ latencyMilliseconds: 0 });
    expect((await listed(name)).length).toBe(1);
  });

  it('leaves deployed APIs, pages and endpoints as quick as they are', async () => {
    const { value } = await world.subscriber();
    sandbox.habits.set({ latencyMilliseconds: 60_000 });
    expect(await world.statuses(1, OPEN, { 'x-api-key': value })).toEqual([200]);
    expect((await fetch(`${sandbox.url}/login`)).status).toBe(400);
    expect((await fetch(`${sandbox.url}/oauth2/userInfo`)).status).toBe(400);
  });

  it('ends with a reset, which cuts those who wait', async () => {
    sandbox.habits.set({ latencyMilliseconds: 60_000 });
    const waiting = refusal(world.key());
    while (sandbox.habits.calls().CreateApiKey === undefined) await pause(5);
    sandbox.habits.reset();
    expect(await waiting).toMatch(/socket hang up$/);
  });
});

describe('faults', () => {
  const create = (name: string) => () => world.key({ name });

  it('before the effect: 503, and nothing has happened', async () => {
    const name = world.name('before');
    sandbox.habits.addFault({ operation: 'CreateApiKey', kind: 'before', nth: 2 });
    expect(await one(create(name), 3)).toEqual(['accepted', UNAVAILABLE, 'accepted']);
    expect((await listed(name)).length).toBe(2);
    expect(sandbox.habits.faults()).toMatchObject([{ seen: 3, hits: 1 }]);
  });

  it('after the effect: 503, and it has happened', async () => {
    const name = world.name('after');
    sandbox.habits.addFault({ operation: 'CreateApiKey', kind: 'after', times: 1 });
    expect(await one(create(name), 2)).toEqual([UNAVAILABLE, 'accepted']);
    expect((await listed(name)).length).toBe(2);
  });

  it.each([true, false])('cut the connection, having taken effect: %s', async (effect) => {
    const name = world.name('cut');
    sandbox.habits.addFault({ operation: 'CreateApiKey', kind: 'cut', effect, nth: 1 });
    expect(await refusal(create(name)())).toMatch(/socket hang up$/);
    expect((await listed(name)).length).toBe(effect ? 1 : 0);
  });

  it('half an answer: the connection ends within the body, and the effect is there', async () => {
    const name = world.name('half');
    sandbox.habits.addFault({ operation: 'CreateApiKey', kind: 'half', nth: 1 });
    expect(await refusal(create(name)())).toMatch(BROKEN_OFF);
    expect((await listed(name)).length).toBe(1);
    const user = await someone();
    sandbox.habits.addFault({ operation: 'AdminGetUser', kind: 'half', nth: 1 });
    expect(await refusal(cognito.adminGetUser(user))).toMatch(BROKEN_OFF);
    expect(sandbox.habits.faults().map(({ hits }) => hits)).toEqual([1, 1]);
  });

  it('half an answer: its status is whole, its length is not', async () => {
    sandbox.habits.addFault({ operation: 'GetApiKeys', kind: 'half' });
    const reply = await fetch(`${sandbox.url}/apikeys`, { headers: { authorization: 'AWS4-HMAC-SHA256 x' } });
    expect(reply.status).toBe(200);
    await expect(reply.text()).rejects.toThrow('terminated');
  });

  it('half of an empty answer, or of a refusal, is none', async () => {
    const { id } = await world.key();
    sandbox.habits.addFault({ operation: 'DeleteApiKey', kind: 'half' });
    const remove = () => world.sdk.send(new DeleteApiKeyCommand({ apiKey: id }));
    expect(await one(remove, 2)).toEqual([
      expect.stringMatching(/socket hang up$/),
      expect.stringMatching(/socket hang up$/),
    ]);
    sandbox.habits.clearFaults();
    expect(await refusal(remove())).toBe(NO_SUCH_KEY);
  });

  it('hang: no reply for a while; the effect is there, or comes after the wait', async () => {
    const name = world.name('hang');
    const abandoned = async () => {
      const caller = new AbortController();
      const sent = refusal(world.sdk.send(new CreateApiKeyCommand({ name }), { abortSignal: caller.signal }));
      while (sandbox.habits.faults().at(-1)?.hits !== 1) await pause(5);
      caller.abort();
      return sent;
    };
    sandbox.habits.addFault({ operation: 'CreateApiKey', kind: 'hang', milliseconds: 60_000, nth: 1 });
    expect(await abandoned()).toMatch(/AbortError/);
    expect((await listed(name)).length).toBe(1);
    sandbox.habits.addFault({ operation: 'CreateApiKey', kind: 'hang', milliseconds: 800, nth: 1, effect: false });
    expect(await abandoned()).toMatch(/AbortError/);
    expect((await listed(name)).length).toBe(1);
    while ((await listed(name)).length < 2) await pause(50);
  });

  it('a hanging call is cut by a reset and takes no effect any more', async () => {
    const name = world.name('hang');
    sandbox.habits.addFault({ operation: 'CreateApiKey', kind: 'hang', milliseconds: 30_000, effect: false });
    const hanging = refusal(create(name)());
    while (sandbox.habits.faults()[0]?.hits !== 1) await pause(5);
    sandbox.habits.reset();
    expect(await hanging).toMatch(/socket hang up$/);
    expect(await listed(name)).toEqual([]);
  });

  it('throttle the next calls', async () => {
    sandbox.habits.addFault({ operation: 'CreateApiKey', kind: 'throttle', nth: 2, calls: 3 });
    const answers = await one(() => world.key(), 6);
    expect(answers).toEqual(['accepted', TOO_MANY, TOO_MANY, TOO_MANY, 'accepted', 'accepted']);
  });

  it('conflict as with a concurrent change', async () => {
    const [plan, key] = await Promise.all([world.plan(), world.key()]);
    sandbox.habits.addFault({ operation: 'CreateUsagePlanKey', kind: 'conflict', times: 2 });
    expect(await one(() => world.attach(plan.id, key.id), 3)).toEqual([CONCURRENT, CONCURRENT, 'accepted']);
  });

  it('answer in Cognito’s own words', async () => {
    const user = await someone();
    sandbox.habits.addFault({ operation: 'AdminDisableUser', kind: 'after', nth: 1 });
    expect(await refusal(cognito.adminDisableUser(user))).toBe('500 InternalErrorException: Internal server error');
    expect((await cognito.adminGetUser(user)).Enabled).toBe(false);
    sandbox.habits.addFault({ operation: '*', kind: 'throttle' });
    sandbox.habits.addFault({ operation: '*', kind: 'conflict' });
    expect(await refusal(cognito.adminGetUser(user))).toBe('400 TooManyRequestsException: Rate exceeded');
    expect(sandbox.habits.faults().map(({ seen }) => seen)).toEqual([1, 1, 0]);
  });

  it('hit every so many calls, each rule by its own count', async () => {
    const get = () => world.sdk.send(new GetUsagePlansCommand({ limit: 1 }));
    sandbox.habits.addFault({ operation: '*', kind: 'before', every: 3, times: 2 });
    await refusal(world.key());
    sandbox.habits.addFault({ operation: 'GetUsagePlans', kind: 'throttle', every: 4 });
    const answers = await one(get, 8);
    expect(answers.map((answer) => answer.slice(0, 3))).toEqual([
      'acc',
      '503',
      'acc',
      '429',
      '503',
      'acc',
      'acc',
      '429',
    ]);
    expect(sandbox.habits.faults()).toMatchObject([
      { seen: 9, hits: 2 },
      { seen: 8, hits: 2 },
    ]);
  });

  it('of a probability are the same for the same seed', async () => {
    const get = () => world.sdk.send(new GetUsagePlansCommand({ limit: 1 }));
    const run = async (seed: number) => {
      sandbox.habits.clearFaults();
      sandbox.habits.addFault({ operation: 'GetUsagePlans', kind: 'before', probability: 0.5, seed });
      return (await one(get, 30)).map((answer) => answer === 'accepted');
    };
    const first = await run(7);
    expect(await run(7)).toEqual(first);
    expect(await run(8)).not.toEqual(first);
    expect(new Set(first).size).toBe(2);
  });
});

describe('the SDK’s own retry', () => {
  const patient = () => new APIGatewayClient({ region: 'us-east-1', endpoint: sandbox.url, credentials });

  it.each(['cut', 'half', 'after'] as const)(
    'of a lost reply (%s) meets its own key when the value was chosen',
    async (kind) => {
      const sdk = patient();
      sandbox.habits.addFault({ operation: 'CreateApiKey', kind, nth: 1 });
      const name = world.name('own');
      const answer = await refusal(sdk.send(new CreateApiKeyCommand({ name, value: world.value() })));
      expect(answer).toBe('409 ConflictException: API Key already exists');
      expect((await listed(name)).length).toBe(1);
      expect(sandbox.habits.calls().CreateApiKey).toEqual({ calls: 2, refused: { ConflictException: 1 } });
      sdk.destroy();
    },
  );

  it('makes a second key when AWS chose the value', async () => {
    const sdk = patient();
    sandbox.habits.addFault({ operation: 'CreateApiKey', kind: 'cut', nth: 1 });
    const name = world.name('twin');
    await sdk.send(new CreateApiKeyCommand({ name }));
    expect((await listed(name)).length).toBe(2);
    sdk.destroy();
  });
});

describe('the flag --habits', () => {
  it('switches AWS’s limits on, and leaves the other flags', () => {
    const limits = { rates: true, serialAttach: true, keyCap: 10_000 };
    expect(habitsFlag(['--fresh', '--habits', 'aws-limits'])).toEqual({ habits: limits, flags: ['--fresh'] });
    expect(habitsFlag(['--habits=aws-limits'])).toEqual({ habits: limits, flags: [] });
    expect(habitsFlag(['--no-server'])).toEqual({ habits: {}, flags: ['--no-server'] });
  });

  it.each([[['--habits']], [['--habits', 'aws']]])('refuses %j and names what there is', (flags) => {
    expect(() => habitsFlag(flags)).toThrow('--habits takes one of aws-limits.');
  });
});

describe('the controls of the habits', () => {
  it('explain every habit, and switch those that are named', async () => {
    const { body } = await control('POST', 'habits', { keyCap: 7, staleWrites: 2 });
    expect(await control('GET', 'habits')).toEqual({ status: 200, body });
    expect(Object.keys(body)).toEqual(Object.keys(DEFAULTS));
    expect(body.keyCap).toEqual({ value: 7, default: 10_000, explanation: expect.stringMatching(/keys/) });
    expect(sandbox.habits.settings).toEqual({ ...DEFAULTS, keyCap: 7, staleWrites: 2 });
  });

  it.each([
    ['habits', { rates: 'yes' }, 'rates must be true or false.'],
    ['habits', { usageLagSeconds: -1 }, 'usageLagSeconds must be a whole number, 0 or more.'],
    ['habits', { rate: true }, /^There is no rate; there are rates, /],
    ['habits', [], /^Send a JSON object with any of rates, /],
    ['habits', '{', 'The body must be JSON.'],
    ['faults', { operation: 'CreateApiKeys', kind: 'cut' }, /^operation must be "\*" or an operation of/],
    ['faults', { kind: 'cut' }, 'operation must be "*" or an operation\'s name, such as CreateApiKey.'],
    [
      'faults',
      { operation: '*', kind: 'slow' },
      'kind must be one of before, after, cut, half, hang, throttle, conflict.',
    ],
    ['faults', { operation: '*', kind: 'cut', nth: 0 }, 'nth must be a whole number, 1 or more.'],
    ['faults', { operation: '*', kind: 'cut', nth: 1, every: 2 }, /^Give one of nth, every and probability/],
    ['faults', { operation: '*', kind: 'cut', probability: 2 }, 'probability must be a number from 0 to 1.'],
    ['faults', { operation: '*', kind: 'cut', calls: 2 }, 'calls goes with the kind throttle, not with cut.'],
    ['faults', { operation: 'ListUsers', kind: 'conflict' }, /^conflict is a failure of API Gateway only/],
    ['seed', { subscribe: true }, /^subscribe must be false/],
    ['seed', { users: 1_000_000 }, 'users must be a whole number, 0 to 100,000.'],
    ['seed', { emailPrefix: 'a b' }, /^emailPrefix must be/],
    ['seed', { plan: 'free' }, /^There is no plan; there are users, /],
  ])('refuse bad input with what is expected: %s %j', async (path, body, message) => {
    const expected = typeof message === 'string' ? message : expect.stringMatching(message);
    expect(await control('POST', path, body)).toEqual({ status: 400, body: { message: expected } });
  });

  it('add faults, one or several, list them and clear them', async () => {
    const rule = { operation: 'GetApiKey', kind: 'before' };
    await control('POST', 'faults', rule);
    const { body } = await control('POST', 'faults', [{ ...rule, nth: 3 }]);
    expect(body).toEqual([
      { ...rule, seen: 0, hits: 0 },
      { ...rule, nth: 3, seen: 0, hits: 0 },
    ]);
    expect(await control('DELETE', 'faults')).toEqual({ status: 200, body: [] });
    expect((await control('GET', 'faults')).body).toEqual([]);
  });

  it('count calls, and forget them', async () => {
    await world.key();
    expect((await control('GET', 'calls')).body).toEqual({ CreateApiKey: { calls: 1, refused: {} } });
    expect((await control('POST', 'calls/reset')).body).toEqual({});
  });

  it('seed users who can sign in, and keys that belong to nobody', async () => {
    const before = sandbox.store.table('gateway.apiKeys').size;
    const { status, body } = await control('POST', 'seed', { users: 300, emailPrefix: 'many', foreignKeys: true });
    const { users, ...rest } = body as { users: { sub: string; username: string; email: string }[] };
    expect([status, users.length, rest]).toEqual([200, 300, { password: 'Turnpike-1', foreignKeys: 300 }]);
    expect(users[299]).toEqual({
      sub: users[299]?.username,
      username: expect.any(String),
      email: 'many-300@example.com',
    });
    const signedIn = await cognito.initiateAuth({
      AuthFlow: 'USER_PASSWORD_AUTH',
      ClientId: sandbox.info().clientId,
      AuthParameters: { USERNAME: 'many-300@example.com', PASSWORD: 'Turnpike-1' },
    });
    expect(signedIn.AuthenticationResult?.IdToken).toMatch(/^ey/);
    expect((await listed('seed-300')).length).toBe(1);
    expect(sandbox.store.table('gateway.apiKeys').size).toBe(before + 300);
    expect((await sandbox.seedMany({ users: 300, emailPrefix: 'many' })).users).toEqual(users);
  });

  it('fill the account no further than its cap', async () => {
    sandbox.habits.set({ keyCap: sandbox.store.table('gateway.apiKeys').size + 3 });
    expect((await control('POST', 'seed', { foreignKeys: 10 })).body.foreignKeys).toBe(3);
    expect(await refusal(world.key())).toMatch(/^429 LimitExceededException/);
  });

  it('return to good manners with a reset of the sandbox', async () => {
    sandbox.habits.set({ rates: true, keyCap: 1, staleWrites: 3, usageLagSeconds: 9, propagationSeconds: 9 });
    sandbox.habits.addFault({ operation: '*', kind: 'before' });
    await control('POST', 'reset');
    expect([sandbox.habits.settings, sandbox.habits.faults(), sandbox.habits.calls()]).toEqual([DEFAULTS, [], {}]);
    const { value } = await world.subscriber();
    expect(await world.statuses(1, OPEN, { 'x-api-key': value })).toEqual([200]);
  });
});
