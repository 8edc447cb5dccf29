import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Customer } from '../support/customer.js';
import { keyOf } from '../support/outcomes.js';
import { World } from '../support/world.js';

const COGNITO = /^Admin/;

/** AWS gives the whole account ten control-plane requests a second, so what an act costs is a promise too. */
describe('what an act costs in AWS calls', () => {
  let world: World;
  const table: string[] = [];
  beforeAll(async () => {
    world = await World.start({ USAGE_LAG_SECONDS: '3600' });
    await world.stranger.gql('{ plans { code } }');
  });
  afterAll(async () => {
    await world.close();
    console.log(`act: API Gateway + Cognito calls\n${table.join('\n')}`);
  });

  async function cost(act: string, work: () => Promise<unknown>): Promise<{ gateway: number; cognito: number }> {
    const calls = await world.callsDuring(work);
    const cognito = calls.filter((name) => COGNITO.test(name)).length;
    const gateway = calls.length - cognito;
    table.push(`${act.padEnd(30)} ${gateway} + ${cognito}   ${calls.join(' ')}`);
    return { gateway, cognito };
  }

  const subscribed = async (): Promise<{ ada: Customer; keyId: string }> => {
    const ada = await world.customer();
    return { ada, keyId: keyOf(await ada.subscribe('free')).id };
  };

  it('is 3 + 4 for a first subscription, and 2 + 2 for one that changes nothing', async () => {
    const ada = await world.customer();
    expect(await cost('subscribe, first', () => ada.subscribe('free'))).toEqual({ gateway: 3, cognito: 4 });
    expect(await cost('subscribe, repeated', () => ada.subscribe('free'))).toEqual({ gateway: 2, cognito: 2 });
  });

  it('is nothing for a warm `me`, and at most 3 + 1 for a cold one', async () => {
    const { ada } = await subscribed();
    const cold = await cost('me with usage, cold', () => ada.me());
    expect(cold.gateway).toBeLessThanOrEqual(3);
    expect(cold.cognito).toBe(1);
    expect(await cost('me with usage, warm', () => ada.me())).toEqual({ gateway: 0, cognito: 0 });
    expect(await cost('plans', () => ada.gql('{ plans { code } }'))).toEqual({ gateway: 0, cognito: 0 });
  });

  it('is one reading of the plans in half a minute for wrong codes, whoever sends them', async () => {
    world.forward(31);
    const [ada, bob] = [await world.customer(), await world.customer()];
    const wrong = async () => {
      for (const customer of [ada, bob])
        expect(await customer.subscribe('nothing')).toMatchObject({ code: 'UNKNOWN_PLAN' });
      world.forward(7);
      for (const customer of [ada, bob])
        expect(await customer.subscribe('nought')).toMatchObject({ code: 'UNKNOWN_PLAN' });
    };
    expect((await cost('wrong codes, four', wrong)).gateway).toBe(1 + world.sandbox.info().plans.length);
  });

  it('shares one look at AWS among those who ask for `me` at once', async () => {
    const { ada } = await subscribed();
    const { gateway, cognito } = await cost('me, ten at once, cold', () =>
      Promise.all(Array.from({ length: 10 }, () => ada.me())),
    );
    expect(gateway + cognito).toBeLessThanOrEqual(4);
  });

  it('is one GetUsage for days of one key, however often they are asked for within a minute', async () => {
    const { ada } = await subscribed();
    await ada.me();
    const days = `dailyUsage(from: "2026-01-01", to: "2026-01-31") { used }`;
    const thirty = `{ me { ${Array.from({ length: 30 }, (_, i) => `days${i}: ${days}`).join(' ')} } }`;
    const ask = async () => expect((await ada.gql(thirty)).errors).toEqual([]);
    expect(await cost('dailyUsage, thirty times, cold', ask)).toEqual({ gateway: 1, cognito: 0 });
    expect(await cost('dailyUsage, warm', ask)).toEqual({ gateway: 0, cognito: 0 });
    world.forward(61);
    expect(await world.callsDuring(ask)).toContain('GetUsage');
  });

  it.each([
    ['change of plan', 7, ({ ada }: { ada: Customer }) => ada.subscribe('basic')],
    ['rotation', 10, ({ ada, keyId }: { ada: Customer; keyId: string }) => ada.rotate(keyId)],
    ['rotation with overlap', 18, ({ ada, keyId }: { ada: Customer; keyId: string }) => ada.rotate(keyId, 3600)],
    ['cancellation', 5, ({ ada }: { ada: Customer }) => ada.cancel()],
    ['revealKey', 2, ({ ada }: { ada: Customer }) => ada.reveal()],
  ] as const)('of API Gateway is bounded: %s', async (act, most, work) => {
    const whose = await subscribed();
    expect((await cost(act, () => work(whose))).gateway).toBeLessThanOrEqual(most);
  });
});
