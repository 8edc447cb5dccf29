import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { AwsUnavailableError } from '../../src/aws/failures.js';
import { Sandbox } from '../../src/sandbox/server.js';
import { Secret } from '../../src/secret.js';
import { AwsSide } from '../support/aws-side.js';

/** The sandbox and we are both faster than AWS, so that nobody waits long; much faster, and a busy machine makes calls bunch up. */
const FACTOR = 4;

const newKey = () => ({
  name: 'k',
  value: new Secret(randomBytes(20).toString('hex')),
  description: '',
  username: null,
});

describe('the governor, before a sandbox with the limits of AWS', () => {
  let sandbox: Sandbox;
  let one: AwsSide;
  let plan: string;
  beforeAll(async () => {
    sandbox = await Sandbox.start({ port: 0, directory: null });
    one = new AwsSide(sandbox.url, { AWS_RATE_FACTOR: String(FACTOR) });
    plan = sandbox.info().plans[0]?.usagePlanId ?? '';
  });
  afterEach(() => sandbox.habits.reset());
  afterAll(async () => {
    one.close();
    await sandbox.close();
  });

  async function subscribe(): Promise<string> {
    const key = await one.keys.create(newKey());
    if (!key) throw new Error('the value exists already');
    await one.plans.attach(plan, key.id);
    return key.id;
  }

  const refusals = () =>
    Object.values(sandbox.habits.calls())
      .flatMap(({ refused }) => Object.values(refused))
      .reduce((sum, count) => sum + count, 0);

  it('is hardly ever refused, however much is asked at once', async () => {
    sandbox.habits.set({ rates: true, rateFactor: FACTOR, serialAttach: true, serialAttachMilliseconds: 10 });
    const ids = await Promise.all(
      Array.from({ length: 25 }, async () => {
        const id = await subscribe();
        expect(await one.plans.plansOf(id)).toEqual([plan]);
        await one.plans.detach(plan, id);
        return id;
      }),
    );
    expect(new Set(ids).size).toBe(25);
    expect(sandbox.habits.calls().CreateUsagePlanKey?.calls).toBeGreaterThanOrEqual(25);
    expect(refusals()).toBeLessThanOrEqual(5); // of some 100 calls, on a machine that may be busy
  });

  it('is refused without it: the limits are there', async () => {
    sandbox.habits.set({ rates: true, rateFactor: 0.1 });
    const ungoverned = new AwsSide(sandbox.url, { AWS_RATE_FACTOR: '100000' });
    const asked = Array.from({ length: 60 }, () => ungoverned.plans.plansOf('k').catch(() => null));
    await Promise.all(asked);
    ungoverned.close();
    expect(refusals()).toBeGreaterThan(10);
  });

  it('attaches and detaches all the same when somebody else is attaching', async () => {
    const key = await one.keys.create(newKey());
    const id = key?.id ?? '';
    sandbox.habits.addFault({ operation: 'CreateUsagePlanKey', kind: 'conflict', nth: 1 });
    sandbox.habits.addFault({ operation: 'DeleteUsagePlanKey', kind: 'conflict', nth: 1 });
    expect(await one.plans.attach(plan, id)).toBe('attached');
    expect(await one.plans.plansOf(id)).toEqual([plan]);
    await one.plans.detach(plan, id);
    expect(await one.plans.plansOf(id)).toEqual([]);
  });

  it('gives up attaching when that does not end, after a few attempts', async () => {
    const key = await one.keys.create(newKey());
    sandbox.habits.addFault({ operation: 'CreateUsagePlanKey', kind: 'conflict', every: 1 });
    await expect(one.plans.attach(plan, key?.id ?? '')).rejects.toBeInstanceOf(AwsUnavailableError);
    expect(sandbox.habits.calls().CreateUsagePlanKey?.calls).toBe(3);
  });

  it('makes one key when the reply to the first attempt is lost', async () => {
    sandbox.habits.addFault({ operation: 'CreateApiKey', kind: 'cut', nth: 1 });
    const key = newKey();
    expect(await one.keys.create({ ...key, name: 'lost-reply' })).toBeNull();
    const listed = await one.keys.list('lost-reply');
    expect(listed.map(({ value }) => value.equals(key.value))).toEqual([true]);
  });
});
