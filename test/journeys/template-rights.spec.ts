import { AdminDeleteUserCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { Clock } from '../../src/clock.js';
import { Config, configModule } from '../../src/config.js';
import { PreflightModule } from '../../src/operation/preflight/preflight.module.js';
import { Preflight } from '../../src/operation/preflight/preflight.service.js';
import { CLIENT_ID, USER_POOL_ID } from '../../src/sandbox/seed.js';
import { SweepModule } from '../../src/subscriptions/sweep/sweep.module.js';
import { Sweeper } from '../../src/subscriptions/sweep/sweeper.service.js';
import { act } from '../support/admin.js';
import { LogRecorder } from '../support/log-recorder.js';
import { keyOf } from '../support/outcomes.js';
import { ALL_OF_IT, deployed } from '../support/template/deployed.js';
import { idsOf, policiesOf, policyIn, rightsIn } from '../support/template/rights.js';
import type { Stack } from '../support/template/stack.js';
import { administer, managePlans } from '../support/whole-life.js';
import { environment, World } from '../support/world.js';

const DENIED = 'is not authorized to perform';
const KMS_KEY = 'arn:aws:kms:us-east-1:000000000000:key/12345678-1234-1234-1234-123456789012';
const EXISTING = { ExistingUserPoolId: USER_POOL_ID, ExistingClientIds: CLIENT_ID };
const isOfTurnpike = (right: string) => /^(apigateway|cognito-idp):/.test(right);

describe('the rights that the template gives', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await deployed({ ...ALL_OF_IT, KeySecretKmsKeyArn: KMS_KEY });
  });

  const rightsOf = (roleId: string) => rightsIn(policiesOf(stack, roleId));
  const logging = (name: string) => [
    `logs:CreateLogStream arn:aws:stack:::${name}Logs`,
    `logs:PutLogEvents arn:aws:stack:::${name}Logs`,
  ];
  const kms = `kms:GenerateMac ${KMS_KEY}`;

  it('are together those of infra/iam-policy.json and iam-policy-plans.json, which are the calls that are made', () => {
    const given = idsOf(stack, 'AWS::IAM::Role').flatMap((id) => rightsOf(id).filter(isOfTurnpike));
    const needed = rightsIn([policyIn('infra/iam-policy.json'), policyIn('infra/iam-policy-plans.json')]);
    expect([...new Set(given)].sort()).toEqual(needed);
  });

  it('are beside those: to write the function’s own log, and to derive the secret', () => {
    for (const name of ['Http', 'PostConfirmation', 'Sweep', 'UserDeleted', 'Authorizer']) {
      const others = rightsOf(`${name}Role`).filter((right) => !isOfTurnpike(right));
      expect(others).toEqual([kms, ...logging(name)]);
    }
  });

  it('are few where little is done: a log for claims and for the demo, one key for the authorizer', () => {
    expect(rightsOf('PreTokenGenerationRole')).toEqual(logging('PreTokenGeneration'));
    expect(rightsOf('DemoRole')).toEqual(logging('Demo'));
    expect(rightsOf('AuthorizerRole').filter(isOfTurnpike)).toEqual(['apigateway:GET /apikeys/*']);
  });

  it('let neither triggers nor the server read the settings of the pool, and let nobody but the server change plans', () => {
    const may = (right: string) =>
      idsOf(stack, 'AWS::IAM::Role').filter((id) => rightsOf(id).some((one) => one.startsWith(right)));
    expect(may('cognito-idp:Describe')).toEqual(['SweepRole']);
    expect(may('apigateway:PUT /tags')).toEqual(['HttpRole']);
    expect(may('cognito-idp:AdminUpdateUserAttributes').sort()).toEqual([
      'HttpRole',
      'PostConfirmationRole',
      'SweepRole',
      'UserDeletedRole',
    ]);
  });

  it('are without those for plans and for KMS where neither is wanted', async () => {
    const plain = await deployed();
    const given = idsOf(plain, 'AWS::IAM::Role').flatMap((id) => rightsIn(policiesOf(plain, id)));
    expect([...new Set(given.filter(isOfTurnpike))].sort()).toEqual(rightsIn([policyIn('infra/iam-policy.json')]));
    expect(given.filter((right) => right.startsWith('kms:'))).toEqual([]);
  });
});

describe('under the rights of their roles', () => {
  let world: World;
  let sweeping: Awaited<ReturnType<typeof sweeperFor>>;
  beforeAll(async () => {
    const stack = await deployed({ ...EXISTING, DomainPrefix: '', ManagePlans: 'yes' });
    const policies = { server: policiesOf(stack, 'HttpRole'), sweep: policiesOf(stack, 'SweepRole') };
    const onLambda = { AWS_LAMBDA_FUNCTION_NAME: 'turnpike-http', AWS_ACCESS_KEY_ID: 'server', MANAGE_PLANS: 'true' };
    world = await World.start(onLambda, [], { policies });
    sweeping = await sweeperFor(world);
  });
  afterAll(async () => {
    delete process.env.AWS_LAMBDA_FUNCTION_NAME;
    await sweeping.close();
    await world.close();
  });

  /** What the function `sweep` is made of, signing as somebody else than the server. */
  async function sweeperFor({ sandbox, app }: World) {
    const env = environment(sandbox.url, { AWS_ACCESS_KEY_ID: 'sweep' });
    process.env.AWS_ACCESS_KEY_ID = 'sweep'; // the server has read its own by now
    const log = new LogRecorder();
    const imports = [configModule(Config.read(env)), SweepModule, PreflightModule];
    const building = Test.createTestingModule({ imports }).overrideProvider(Clock).useValue(app.get(Clock));
    const module = await building.setLogger(log).compile();
    await module.init();
    return { module, log, close: () => module.close() };
  }

  it('the server does all that customers and admins ask, AWS refuses nothing, and the pre-flight is left to the sweep', async () => {
    const ada = await world.customer();
    const key = keyOf(await ada.subscribe('free'));
    await ada.me();
    await ada.subscribe('basic');
    for (let i = 0; i < 5; i++) await ada.rotate(keyOf(await ada.reveal()).id, i === 0 ? 3600 : 0);
    expect(await ada.call(key.value)).toEqual({ 403: 1 });
    await ada.cancel();
    await administer(world);
    await managePlans(world);
    expect((await fetch(`${world.url}/readyz`)).status).toBe(200);
    const said = world.log.lines.filter((line) => line.includes(DENIED) || line.includes('"Preflight"'));
    expect(said).toEqual([]);
  }, 60_000);

  it('the sweep finishes what is half done, and its pre-flight finds nothing missing', async () => {
    const user = (Username: string) => ({ UserPoolId: USER_POOL_ID, Username });
    const [halfMade, gone, leaving] = [await world.customer(), await world.customer(), await world.customer()];
    for (const one of [gone, leaving]) keyOf(await one.subscribe('free'));
    world.sandbox.habits.addFault({ operation: 'CreateApiKey', kind: 'before', times: 3 });
    await halfMade.subscribe('free');
    world.sandbox.habits.addFault({ operation: 'AdminDeleteUser', kind: 'before', times: 3 });
    await act(await world.admin(), 'deleteUser', { userId: leaving.sub });
    await world.cognito.send(new AdminDeleteUserCommand(user(gone.username)));
    world.sandbox.habits.clearFaults();
    for (let i = 0; i < 3; i++) {
      await sweeping.module.get(Sweeper).sweep();
      world.forward(2 * 86_400);
    }
    const verdict = await sweeping.module.get(Preflight).look((inspection) => inspection.countKeys());
    expect(sweeping.log.lines.filter((line) => line.includes(DENIED))).toEqual([]);
    expect({ outcome: verdict.outcome, findings: verdict.findings }).toEqual({ outcome: 'safe', findings: [] });
    const keysOf = async (one: typeof gone) => (await one.keys()).length;
    expect([await keysOf(halfMade), await keysOf(gone), await keysOf(leaving)]).toEqual([1, 0, 0]);
    await expect(leaving.attributes()).rejects.toMatchObject({ name: 'UserNotFoundException' });
  }, 60_000);
});
