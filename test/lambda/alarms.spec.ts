import { CreateUsagePlanCommand, type CreateUsagePlanCommandInput } from '@aws-sdk/client-api-gateway';
import { AdminDisableUserCommand, AdminEnableUserCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import * as lambda from '../../src/lambda.js';
import { USER_POOL_ID } from '../../src/sandbox/seed.js';
import type { Customer } from '../support/customer.js';
import type { World } from '../support/world.js';
import { countedBy } from './counted.js';
import { endOf, listen, worldWithHandlers } from './newcomers.js';

/** All rights but one: no key can be taken out of its plan, so nobody changes to another one. */
const POLICY = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Action: '*', Resource: '*' },
    { Effect: 'Deny', Action: 'apigateway:DELETE', Resource: 'arn:aws:apigateway:us-east-1::/usageplans/*/keys/*' },
  ],
};

describe('the alarms of the template for what is logged', () => {
  let world: World;
  let ada: Customer;

  beforeAll(async () => {
    world = await worldWithHandlers({ policies: { test: POLICY } });
    await lambda.sweep({ dryRun: true });
    listen(world);
    ada = await world.customer();
    await ada.subscribe('free');
  });
  afterEach(() => world.sandbox.habits.reset());
  afterAll(() => endOf(world));

  const counted = (log: string, work: () => Promise<unknown>) => countedBy(log, work).finally(() => listen(world));

  it('sound for nothing where all is well, nor for a look that changes nothing', async () => {
    const bob = await world.customer();
    expect(await counted('HttpLogs', () => bob.subscribe('free'))).toEqual([]);
    expect(await counted('SweepLogs', () => lambda.sweep())).toEqual([]);
    const user = { UserPoolId: USER_POOL_ID, Username: bob.username };
    await world.cognito.send(new AdminDisableUserCommand(user));
    const look = async () => expect((await lambda.sweep({ dryRun: true })).unfinished).toBe(1);
    expect(await counted('SweepLogs', look)).toEqual([]);
    await world.cognito.send(new AdminEnableUserCommand(user));
  });

  it('sound for a check of the account that was not answered', async () => {
    world.sandbox.habits.addFault({ operation: 'DescribeUserPool', kind: 'before' });
    expect(await counted('SweepLogs', () => lambda.sweep())).toContain('SweepWarnings');
  }, 120_000);

  it('sound for an account that is full of keys, where somebody asks and where the sweep tries again', async () => {
    const bob = await world.customer();
    world.sandbox.habits.set({ keyCap: 1 });
    const asked = async () => {
      const { errors } = await bob.gql('mutation { subscribe(plan: "free") { __typename } }');
      expect(errors.map(({ extensions }) => extensions?.code)).toEqual(['AT_CAPACITY']);
    };
    expect(await counted('HttpLogs', asked)).toEqual(['AtCapacity']);
    expect(await counted('SweepLogs', () => lambda.sweep())).toEqual(['AtCapacity', 'SweepWarnings']);
  });

  it('sound for a right that is missing, though all is answered 200, and for the sweep that leaves it unfinished', async () => {
    const refused = async () =>
      expect(await ada.subscribe('basic')).toMatchObject({ subscription: { state: 'PROVISIONING' } });
    expect(await counted('HttpLogs', refused)).toEqual(['Faults']);
    expect(await counted('SweepLogs', async () => expect((await lambda.sweep()).unfinished).toBe(1))).toEqual([
      'Faults',
      'SweepWarnings',
    ]);
  });

  it('sound for a warning of the pre-flight', async () => {
    const input: CreateUsagePlanCommandInput = { name: 'Nowhere', tags: { 'turnpike:plan': 'nowhere' } };
    await world.gateway.send(new CreateUsagePlanCommand(input));
    expect(await counted('SweepLogs', () => lambda.sweep())).toContain('SweepWarnings');
  });
});
