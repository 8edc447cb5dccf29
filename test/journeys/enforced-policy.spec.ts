import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Preflight } from '../../src/operation/preflight/preflight.service.js';
import { policyInPlace, SERVER_ACCESS_KEY_ID, serverPolicies } from '../../src/sandbox/iam/server-policies.js';
import { administer, live, managePlans } from '../support/whole-life.js';
import { World } from '../support/world.js';

const DENIED = 'is not authorized to perform';

interface Policy {
  readonly Statement: readonly { readonly Sid: string; readonly Action: string | readonly string[] }[];
}

/** A world whose server has these rights and no other ones, while the test itself may do everything. */
function worldUnder(policies: Readonly<Record<string, unknown>>, overrides = {}): Promise<World> {
  return World.start({ AWS_ACCESS_KEY_ID: SERVER_ACCESS_KEY_ID, ...overrides }, [], { policies });
}

const POLICY = policyInPlace('iam-policy.json') as Policy;

function without(sid: string, action?: string): Record<string, unknown> {
  const Statement = POLICY.Statement.flatMap((statement) => {
    if (statement.Sid !== sid) return [statement];
    const Action = [statement.Action].flat().filter((one) => action !== undefined && one !== action);
    return Action.length > 0 ? [{ ...statement, Action }] : [];
  });
  return { [SERVER_ACCESS_KEY_ID]: { ...POLICY, Statement } };
}

describe('a server that has the rights of infra/ and no other ones', () => {
  let world: World;
  beforeAll(async () => {
    world = await worldUnder(serverPolicies(), { MANAGE_PLANS: 'true' });
  });
  afterAll(() => world.close());

  it('serves a customer’s whole life, sweeps and manages plans, and AWS refuses nothing', async () => {
    await live(world);
    await managePlans(world);
    expect(world.log.lines.filter((line) => line.includes(DENIED))).toEqual([]);
  }, 60_000);

  it('does all that admins do, and shows them all that they ask for', async () => {
    expect(await administer(world)).toEqual({
      assignPlan: 'ACTIVE',
      suspendUser: 'SUSPENDED',
      resumeUser: 'ACTIVE',
      grantQuota: 'ACTIVE',
      rotateKeyFor: 'ACTIVE',
      repairUser: 'ACTIVE',
      importKey: 'ACTIVE',
      cancelSubscriptionFor: null,
      user: [],
      users: [],
      drift: [],
      usageReport: [],
      auditEvents: [],
    });
    expect(world.log.lines.filter((line) => line.includes(DENIED))).toEqual([]);
  }, 60_000);

  it('finds nothing missing in its pre-flight', async () => {
    const { outcome, findings } = await world.app.get(Preflight).look((inspection) => inspection.countKeys());
    expect({ outcome, findings }).toEqual({ outcome: 'safe', findings: [] });
  });
});

describe('a server without one of these rights', () => {
  it.each([
    ['Keys', 'apigateway:GET', 'apigateway:GET on /apikeys.'],
    ['OneKey', 'apigateway:GET', 'apigateway:GET on /apikeys/*.'],
    ['Plans', undefined, 'apigateway:GET on /usageplans.'],
    ['Stages', undefined, 'apigateway:GET on /restapis/*/stages/*.'],
    ['Users', 'cognito-idp:AdminGetUser', 'cognito-idp:AdminGetUser on userpool/us-east-1_Sandbox01.'],
    [
      'Users',
      'cognito-idp:AdminListGroupsForUser',
      'cognito-idp:AdminListGroupsForUser on userpool/us-east-1_Sandbox01.',
    ],
    ['Users', 'cognito-idp:DescribeUserPool', 'cognito-idp:DescribeUserPool on userpool/us-east-1_Sandbox01.'],
    ['Users', 'cognito-idp:ListUsers', 'cognito-idp:ListUsers on userpool/us-east-1_Sandbox01.'],
  ])('to read, of statement %s %s, is told by its pre-flight which one', async (sid, action, right) => {
    const world = await worldUnder(without(sid, action));
    const { findings, warnings } = await world.app.get(Preflight).look((inspection) => inspection.countKeys());
    const named = [...findings, ...warnings].map(({ what }) => what);
    await world.close();
    expect(named).toContain(`The policy does not allow ${right}`);
  });

  it.each([
    ['Keys', 'apigateway:POST', '/apikeys'],
    ['IntoPlan', undefined, '/keys'],
    ['Users', 'cognito-idp:AdminUpdateUserAttributes', 'userpool/us-east-1_Sandbox01'],
  ])(
    'to write, of statement %s %s, says in its log what was refused; the customer sees nothing of it and has no live key',
    async (sid, action, resource) => {
      const world = await worldUnder(without(sid, action));
      const ada = await world.customer();
      const { text } = await ada.gql('mutation { subscribe(plan: "free") { __typename } }');
      const denied = world.log.lines.filter((line) => line.includes(DENIED) && line.includes(resource));
      const live = await ada.liveKeys();
      await world.close();
      expect(text).not.toMatch(/arn:|authorized|AccessDenied/);
      expect(denied.length).toBeGreaterThan(0);
      expect(live).toEqual([]);
    },
  );
});
