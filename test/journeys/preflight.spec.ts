import {
  CreateApiKeyCommand,
  CreateUsagePlanCommand,
  DeleteApiKeyCommand,
  DeleteUsagePlanCommand,
} from '@aws-sdk/client-api-gateway';
import {
  CreateUserPoolClientCommand,
  type CreateUserPoolClientCommandInput,
  DeleteUserPoolClientCommand,
  DescribeUserPoolClientCommand,
  UpdateUserPoolClientCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Preflight } from '../../src/operation/preflight/preflight.service.js';
import { PlanCatalogue } from '../../src/plans/plan-catalogue.service.js';
import { CLIENT_ID, USER_POOL_ID } from '../../src/sandbox/seed.js';
import { World } from '../support/world.js';

const SAFE: CreateUserPoolClientCommandInput = {
  UserPoolId: USER_POOL_ID,
  ClientName: 'another website',
  WriteAttributes: ['email', 'name'],
  PreventUserExistenceErrors: 'ENABLED',
};

describe('the pre-flight', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
  });
  afterAll(() => world.close());

  const look = () => world.app.get(Preflight).look((inspection) => inspection.countKeys());

  /** So many clients that the list of them has a second page. */
  let hasPages = false;
  async function morePages(): Promise<void> {
    for (let i = 0; i < 61 && !hasPages; i++) await world.cognito.send(new CreateUserPoolClientCommand(SAFE));
    hasPages = true;
  }

  async function withClient(settings: Partial<CreateUserPoolClientCommandInput>, work: (id: string) => Promise<void>) {
    const { UserPoolClient } = await world.cognito.send(new CreateUserPoolClientCommand({ ...SAFE, ...settings }));
    const ClientId = UserPoolClient?.ClientId ?? '';
    await work(ClientId);
    await world.cognito.send(new DeleteUserPoolClientCommand({ UserPoolId: USER_POOL_ID, ClientId }));
  }

  it('finds nothing in the sandbox as it is seeded, and changes nothing', async () => {
    const calls = await world.callsDuring(async () => expect((await look()).findings).toEqual([]));
    expect(calls.filter((name) => !/^(Get|List|Describe|AdminGetUser|AdminList)/.test(name))).toEqual([]);
  });

  it('asks AWS little: six calls of API Gateway, and of Cognito five and one for each client', async () => {
    const calls = await world.callsDuring(look);
    const cognito = calls.filter((name) => /User|Client/.test(name) && !name.startsWith('GetUsage'));
    expect(cognito.sort()).toEqual([
      'AdminGetUser',
      'AdminListGroupsForUser',
      'DescribeUserPool',
      'DescribeUserPoolClient',
      'ListUserPoolClients',
      'ListUsers',
      'ListUsers',
    ]);
    expect(calls.length - cognito.length).toBeLessThanOrEqual(7);
  });

  it.each([
    ['unset write attributes', { WriteAttributes: undefined }, 'writable-attributes'],
    ['one of our attributes writable', { WriteAttributes: ['email', 'custom:quota_grant'] }, 'writable-attributes'],
    ['the implicit grant', { AllowedOAuthFlows: ['code' as const, 'implicit' as const] }, 'implicit-grant'],
    ['errors that tell who has an account', { PreventUserExistenceErrors: undefined }, 'user-existence-errors'],
  ])(
    'finds %s in any client of the pool, on any page, and the command that it gives mends it',
    async (_, wrong, name) => {
      await morePages();
      const more = { CallbackURLs: ['https://www.example.com/'], AccessTokenValidity: 10, GenerateSecret: true };
      await withClient({ ...more, ...wrong }, async (id) => {
        const described = () =>
          world.cognito.send(new DescribeUserPoolClientCommand({ UserPoolId: USER_POOL_ID, ClientId: id }));
        const { UserPoolClient: old } = await described();
        const [finding, ...others] = (await look()).findings;
        expect(others).toEqual([]);
        expect(finding).toMatchObject({ name, what: expect.stringContaining(id) });
        expect(finding?.mend).not.toContain(old?.ClientSecret);
        const [, json = ''] = /--cli-input-json '(.*)'$/.exec(finding?.mend ?? '') ?? [];
        await world.cognito.send(new UpdateUserPoolClientCommand(JSON.parse(json)));
        expect((await look()).findings).toEqual([]);
        const { UserPoolClient: mended } = await described();
        const { LastModifiedDate: _, WriteAttributes: __, ...kept } = { ...old, ...mended };
        expect(mended).toMatchObject({ ...kept, CallbackURLs: more.CallbackURLs, AccessTokenValidity: 10 });
        expect(mended?.ClientSecret).toBe(old?.ClientSecret);
        expect(mended?.WriteAttributes?.some((attribute) => attribute.startsWith('custom:'))).toBe(false);
      });
    },
  );

  it('warns of two plans with one code and of a plan for no stage, and is safe all the same', async () => {
    const name = 'turnpike:plan';
    const make = (code: string) =>
      world.gateway.send(new CreateUsagePlanCommand({ name: code, tags: { [name]: code } }));
    const twin = await make('free');
    const lonely = await make('lonely');
    await world.app.get(PlanCatalogue).refresh();
    const verdict = await look();
    expect(verdict.outcome).toBe('safe');
    expect(verdict.warnings.map(({ name, what }) => `${name}: ${what}`)).toEqual([
      expect.stringMatching(new RegExp(`^plan-code: .*${twin.id}.*"free"`)),
      expect.stringMatching(new RegExp(`^plan-stage: Plan "lonely" \\(${lonely.id}\\) is for no API stage`)),
    ]);
    for (const usagePlanId of [twin.id, lonely.id]) {
      await world.gateway.send(new DeleteUsagePlanCommand({ usagePlanId }));
    }
    await world.app.get(PlanCatalogue).refresh();
  });

  it('warns of keys that were left in another pool, as long as they are switched on, and is safe all the same', async () => {
    const make = (enabled: boolean) =>
      world.gateway.send(
        new CreateApiKeyCommand({ name: `turnpike.us-east-1_Left.9f1c-44.00000${enabled ? 2 : 1}`, enabled }),
      );
    const left = [await make(true), await make(false)];
    const { outcome, warnings } = await look();
    for (const { id: apiKey } of left) await world.gateway.send(new DeleteApiKeyCommand({ apiKey }));
    expect(outcome).toBe('safe');
    expect(warnings.map(({ name, what }) => `${name}: ${what}`)).toEqual([
      expect.stringMatching(/^keys-elsewhere: .* enabled keys .* turnpike\.us-east-1_Left\., there are 1\.$/),
    ]);
  });

  it('warns of hosted pages that would refuse whom portal and playground send there, and is safe all the same', async () => {
    const website = { UserPoolId: USER_POOL_ID, ClientId: CLIENT_ID };
    const { UserPoolClient } = await world.cognito.send(new DescribeUserPoolClientCommand(website));
    const { CreationDate: _, LastModifiedDate: __, ...old } = { ...UserPoolClient, ...website };
    await world.cognito.send(new UpdateUserPoolClientCommand({ ...old, AllowedOAuthScopes: ['openid', 'email'] }));
    const { outcome, warnings } = await look();
    await world.cognito.send(new UpdateUserPoolClientCommand(old));
    expect(outcome).toBe('safe');
    expect(warnings.map(({ name, what }) => `${name}: ${what}`)).toEqual([
      expect.stringMatching(new RegExp(`^hosted-sign-in: App client ${CLIENT_ID} .* lacks the scope profile\\.$`)),
    ]);
  });

  it('does not take an AWS that answers nothing for an unsafe one', async () => {
    world.sandbox.habits.addFault({ operation: 'DescribeUserPoolClient', kind: 'before' });
    const verdict = await look();
    world.sandbox.habits.clearFaults();
    expect(verdict.outcome).toBe('unknown');
    expect(verdict.unanswered).toEqual([expect.stringMatching(/^the app clients of the user pool: /)]);
  });

  it('refuses a client that is another pool’s', async () => {
    const other = await World.start({ COGNITO_CLIENT_ID: `${CLIENT_ID},notofthispool` });
    const ready = await fetch(`${other.url}/readyz`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({ missing: ['the pre-flight found: unknown-client'] });
    await other.close();
  });
});
