import { CreateUsagePlanCommand, type CreateUsagePlanCommandInput } from '@aws-sdk/client-api-gateway';
import { AdminDisableUserCommand, AdminEnableUserCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import * as lambda from '../../src/lambda.js';
import { createLogger } from '../../src/log.js';
import { USER_POOL_ID } from '../../src/sandbox/seed.js';
import type { Customer } from '../support/customer.js';
import { TEMPLATE } from '../support/template/deployed.js';
import { isFound } from '../support/template/filter-pattern.js';
import { readTemplate } from '../support/template/template-file.js';
import type { World } from '../support/world.js';
import { endOf, listen, worldWithHandlers } from './newcomers.js';

/** All rights but one: no key can be taken out of its plan, so nobody changes to another one. */
const POLICY = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Action: '*', Resource: '*' },
    { Effect: 'Deny', Action: 'apigateway:DELETE', Resource: 'arn:aws:apigateway:us-east-1::/usageplans/*/keys/*' },
  ],
};

/** The filters of the template: which metric counts which lines of which log. */
const FILTERS = Object.values(readTemplate(TEMPLATE).Resources)
  .filter(({ Type }) => Type === 'AWS::Logs::MetricFilter')
  .map(({ Properties = {} }) => ({
    log: String(Object(Properties.LogGroupName).Ref),
    pattern: String(Properties.FilterPattern),
    metric: String(Object([Properties.MetricTransformations].flat()[0]).MetricName),
  }));

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

  /** The metrics that count something of what `work` writes to standard output and standard error, were it that log. */
  async function counted(log: string, work: () => Promise<unknown>): Promise<string[]> {
    const lines: string[] = [];
    const spies = [process.stdout, process.stderr].map((stream) =>
      jest.spyOn(stream, 'write').mockImplementation((text) => lines.push(...String(text).split('\n')) > 0),
    );
    Logger.overrideLogger(createLogger({ keySecrets: [], redisUrl: null, logLevel: 'log' }));
    await work().finally(() => {
      for (const spy of spies) spy.mockRestore();
      listen(world);
    });
    const found = FILTERS.filter((one) => one.log === log && lines.some((line) => isFound(one.pattern, line)));
    return [...new Set(found.map(({ metric }) => metric))].sort();
  }

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
