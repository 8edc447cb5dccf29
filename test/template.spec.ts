import { beforeAll, describe, expect, it } from '@jest/globals';
import { Config } from '../src/config.js';
import { REST_API_ID } from '../src/sandbox/seed.js';
import { ATTRIBUTE_NAMES } from '../src/subscriptions/pool/attributes.js';
import { CREATORS } from './support/template/creators.js';
import { ALL_OF_IT, deployed, TEMPLATE } from './support/template/deployed.js';
import { isFound } from './support/template/filter-pattern.js';
import { NOT_CREATED, NOT_PASSED } from './support/template/not-created.js';
import { idsOf, policiesOf, rightsIn } from './support/template/rights.js';
import type { Stack } from './support/template/stack.js';
import { type Properties, readTemplate, type Template } from './support/template/template-file.js';

const template = readTemplate(TEMPLATE);
const KMS_KEYS = [
  'arn:aws:kms:us-east-1:000000000000:key/12345678-1234-1234-1234-123456789012',
  'arn:aws:kms:us-east-1:000000000000:key/mrk-12345678123412341234123456789012',
] as const;

const typeOf = (id: string) => template.Resources[id]?.Type ?? '';
const idsOfType = (type: string) => Object.keys(template.Resources).filter((id) => typeOf(id) === type);
const functionsOf = (stack: Stack) => [
  ...idsOf(stack, 'AWS::Serverless::Function'),
  ...idsOf(stack, 'AWS::Lambda::Function'),
];

/** All values of members of that name, however deep. */
function valuesOf(name: string, within: unknown): readonly unknown[] {
  if (typeof within !== 'object' || within === null) return [];
  return Object.entries(within).flatMap(([key, value]) => (key === name ? [value].flat() : valuesOf(name, value)));
}

describe('infra/template.yaml', () => {
  let all: Stack;
  let plain: Stack;
  beforeAll(async () => {
    all = await deployed(ALL_OF_IT);
    plain = await deployed();
  });

  it('gives no right by a wildcard: no action with a star, no resource that is one', () => {
    const actions = valuesOf('Action', template.Resources).map(String);
    const resources = valuesOf('Resource', template.Resources).map((one) => JSON.stringify(one));
    expect(actions.length).toBeGreaterThan(30);
    expect(actions.filter((action) => action.includes('*'))).toEqual([]);
    expect(resources.filter((resource) => /^"\*"$|::\/?\*["}]/.test(resource))).toEqual([]);
  });

  it('has each type made on the sandbox, or left out for a reason that still holds', () => {
    const types = new Set(Object.values(template.Resources).map(({ Type }) => Type));
    const known = [...Object.keys(CREATORS), ...Object.keys(NOT_CREATED)];
    expect([...types].sort()).toEqual([...new Set(known)].sort());
    for (const [type, properties] of Object.entries(NOT_PASSED)) {
      const used = idsOfType(type).flatMap((id) => Object.keys(template.Resources[id]?.Properties ?? {}));
      expect(used).toEqual(expect.arrayContaining(Object.keys(properties)));
    }
  });

  it('has all our attributes in the pool, and lets customers write none of them', () => {
    const { Schema } = plain.resource('UserPool').properties as { Schema: Properties[] };
    const custom = Schema.filter(({ StringAttributeConstraints }) => StringAttributeConstraints);
    expect(custom.map(({ Name }) => `custom:${Name}`).sort()).toEqual([...ATTRIBUTE_NAMES].sort());
    const { WriteAttributes } = plain.resource('WebsiteClient').properties;
    expect(WriteAttributes).toEqual(['email', 'name']);
  });

  it('keeps people, the secret and the audit trail when the stack goes, and of a first deploy that failed no name', () => {
    const kept = Object.entries(template.Resources).filter(([, one]) => one.UpdateReplacePolicy === 'Retain');
    expect(kept.map(([id, { DeletionPolicy }]) => [id, DeletionPolicy])).toEqual([
      ['UserPool', 'Retain'], // protected: CloudFormation could not delete it
      ['KeySecret', 'RetainExceptOnCreate'],
      ['HttpLogs', 'RetainExceptOnCreate'],
      ['SweepLogs', 'RetainExceptOnCreate'],
    ]);
    const retained = Object.values(template.Resources).filter(({ DeletionPolicy }) =>
      /^Retain/.test(DeletionPolicy ?? ''),
    );
    expect(retained).toHaveLength(kept.length);
    expect(template.Resources.UserPool?.Properties?.DeletionProtection).toBe('ACTIVE');
  });

  it.each([...Object.keys(template.Mappings.Sizes ?? {})])(
    'reckons in size %s with fewer instances that ask AWS than there may be',
    (size) => {
      const { Processes, ...functions } = template.Mappings.Sizes?.[size] ?? {};
      const sum = Object.values(functions).reduce<number>((total, one) => total + Number(one), 0);
      expect(Processes).toBeGreaterThan(1); // one would take all there is, for itself
      expect(Processes).toBeLessThan(sum);
      const reserving = idsOfType('AWS::Serverless::Function').filter((id) => {
        return JSON.stringify(template.Resources[id]?.Properties).includes('ReservedConcurrentExecutions');
      });
      expect(reserving.map((id) => id.replace(/Function$/, '')).sort()).toEqual(Object.keys(functions).sort());
    },
  );

  it('gives each function a log of its own that is not kept for ever, and to nobody else’s a right', () => {
    const stack = all;
    for (const id of functionsOf(stack)) {
      const { LoggingConfig, Role } = stack.resource(id).properties as { LoggingConfig: Properties; Role: string };
      const name = id.replace(/Function$/, '');
      expect(LoggingConfig.LogGroup).toBe(`${name}Logs`);
      expect(Role).toBe(`arn:aws:stack:::${name}Role`);
      expect(stack.resource(`${name}Logs`).properties.RetentionInDays).toBe('90');
    }
  });

  it('lets each service call the function that it is told to call, and no other one', () => {
    const stack = all;
    const permissions = idsOf(stack, 'AWS::Lambda::Permission').map((id) => stack.resource(id).properties);
    expect(
      permissions.map(({ FunctionName, Principal, SourceArn }) => `${Principal} ${FunctionName} ${SourceArn}`).sort(),
    ).toEqual([
      `apigateway.amazonaws.com turnpike-authorizer arn:aws:execute-api:us-east-1:000000000000:${stack.resource('DemoApi').ref}/authorizers/*`,
      `apigateway.amazonaws.com turnpike-demo arn:aws:execute-api:us-east-1:000000000000:${stack.resource('DemoApi').ref}/*/GET/whoami`,
      'apigateway.amazonaws.com turnpike-http arn:aws:execute-api:us-east-1:000000000000:serverapi1/*',
      `cognito-idp.amazonaws.com turnpike-post-confirmation ${stack.resource('UserPool').attributes.Arn}`,
      `cognito-idp.amazonaws.com turnpike-pre-token-generation ${stack.resource('UserPool').attributes.Arn}`,
      'events.amazonaws.com turnpike-sweep arn:aws:stack:::SweepRule',
      'events.amazonaws.com turnpike-user-deleted arn:aws:stack:::UserDeletedRule',
    ]);
    const targets = idsOf(stack, 'AWS::Events::Rule').flatMap((id) => valuesOf('Arn', stack.resource(id).properties));
    expect(targets).toEqual(
      ['sweep', 'user-deleted'].map((name) => `arn:aws:lambda:us-east-1:000000000000:function:turnpike-${name}`),
    );
  });

  it('has an alarm for each function that fails, for a sweep that does not come, for a server that does not answer and for what they log', () => {
    const stack = all;
    const alarms = idsOf(stack, 'AWS::CloudWatch::Alarm').map((id) => stack.resource(id).properties);
    const watched = alarms.map(({ MetricName, Dimensions }) => `${MetricName} ${valuesOf('Value', Dimensions)}`).sort();
    const failures = functionsOf(stack)
      .filter((id) => id !== 'DemoFunction')
      .map((id) => (id === 'AuthorizerFunction' ? 'AuthorizerFaults ' : `Errors ${stack.resource(id).ref}`));
    expect(failures).toHaveLength(6);
    const throttles = ['http', 'post-confirmation', 'authorizer'].map((name) => `Throttles turnpike-${name}`);
    const others = ['5xx serverapi1', 'Invocations turnpike-sweep', 'NewcomersWithoutPlan '];
    const logged = ['AtCapacity ', 'Faults ', 'SweepWarnings '];
    expect(watched).toEqual([...failures, ...throttles, ...others, ...logged].sort());
    const counted = idsOf(stack, 'AWS::Logs::MetricFilter').flatMap((id) => {
      const { LogGroupName, MetricTransformations } = stack.resource(id).properties;
      return valuesOf('MetricName', MetricTransformations).map((name) => `${name} of ${LogGroupName}`);
    });
    expect(counted.sort()).toEqual([
      'AtCapacity of HttpLogs',
      'AtCapacity of SweepLogs',
      'AuthorizerFaults of AuthorizerLogs',
      'AuthorizerFaults of AuthorizerLogs',
      'Faults of HttpLogs',
      'Faults of SweepLogs',
      'Faults of UserDeletedLogs',
      'NewcomersWithoutPlan of PostConfirmationLogs',
      'SweepWarnings of SweepLogs',
      'SweepWarnings of SweepLogs',
    ]);
    expect(alarms.every(({ AlarmActions }) => JSON.stringify(AlarmActions) === '["Alarms"]')).toBe(true);
  });

  it.each([
    [
      'an error',
      1,
      'ERROR\tInvoke Error \t{"errorType":"TryAgainError","errorMessage":"Later","stack":["at Runtime.h"]}',
    ],
    ['a call that took too long', 1, '8e5f-0 Task timed out after 5.00 seconds'],
    [
      'an end in the middle',
      1,
      'RequestId: 8e5f-0 Error: Runtime exited with error: signal: killed\nRuntime.ExitError',
    ],
    ['code that cannot be loaded', 1, 'ERROR\tUncaught Exception \t{"errorType":"Runtime.ImportModuleError"}'],
    [
      'a token refused',
      0,
      'ERROR\tInvoke Error \t{"errorType":"Error","errorMessage":"Unauthorized","stack":["at Runtime.h"]}',
    ],
    ['an invocation', 0, 'REPORT RequestId: 8e5f-0 Duration: 4.52 ms Billed Duration: 5 ms Memory Size: 1024 MB'],
  ])('counts of the authorizer’s log as a failure, or not: %s', (_, count, line) => {
    const patterns = idsOfType('AWS::Logs::MetricFilter')
      .map((id) => template.Resources[id]?.Properties)
      .filter((properties) => JSON.stringify(properties).includes('AuthorizerLogs'))
      .map((properties) => String(properties?.FilterPattern));
    expect(patterns.filter((pattern) => isFound(pattern, line))).toHaveLength(count);
  });

  it('tells the functions nothing that the server does not accept, and the demo no secret', () => {
    const stack = all;
    for (const id of idsOf(stack, 'AWS::Serverless::Function')) {
      if (id === 'PreTokenGenerationFunction') {
        expect(Object.keys(stack.environmentOf(id)).filter((name) => name.startsWith('KEY_S'))).toEqual([]);
        continue; // it only reads claims
      }
      const config = Config.read({ ...stack.environmentOf(id), AWS_REGION: 'us-east-1' });
      expect(config).toMatchObject({
        userPoolId: stack.outputs.get('UserPoolId'),
        processCount: 4,
        sweepIntervalSeconds: 0,
      });
      expect(config.keySecrets[0]).toHaveLength(64);
    }
    const kindOf = (id: string) => stack.environmentOf(id).COGNITO_TOKEN_USE;
    expect([kindOf('AuthorizerFunction'), kindOf('HttpFunction')]).toEqual(['id', undefined]);
    expect(stack.environmentOf('DemoFunction')).toEqual({ API_ALLOWED_ORIGIN: '*' });
    const secret = stack.resource('KeySecret').attributes.SecretString ?? '-';
    expect([...stack.outputs.values()].join()).not.toContain(secret);
  });

  it('has the portal offer a call of the demo, or of the API that is there, where the token has its usual header', async () => {
    const offered = async (parameters: Record<string, string>) => {
      const stack = await deployed(parameters);
      const { portal } = Config.read({ ...stack.environmentOf('HttpFunction'), AWS_REGION: 'us-east-1' });
      return { demo: stack.outputs.get('DemoUrl'), ...portal };
    };
    const { demo, apiUrl, apiTryPath, apiToken } = await offered({});
    expect([`${apiUrl}${apiTryPath}`, apiToken]).toEqual([demo, 'id']);
    const ExistingApiUrl = 'https://api.example.com/v1';
    const existing = { ExistingApiId: REST_API_ID, ExistingApiUrl };
    expect(
      await offered({ ...existing, ExistingApiTryPath: '/pets?kind=cat', ExistingApiToken: 'access' }),
    ).toMatchObject({ apiUrl: ExistingApiUrl, apiTryPath: '/pets?kind=cat', apiToken: 'access' });
    expect(await offered({ ExistingApiId: REST_API_ID })).toMatchObject({ apiUrl: null });
    expect(await offered({ TokenHeader: 'X-Customer-Token' })).toMatchObject({ apiUrl: null });
  });

  it('derives keys from KMS where that is wanted, and has no other secret then', async () => {
    const [key] = KMS_KEYS;
    const stack = await deployed({ KeySecretKmsKeyArn: key });
    const told = stack.environmentOf('HttpFunction');
    expect([told.KEY_KMS_KEY_ID, told.KEY_SECRET, stack.made.has('KeySecret')]).toEqual([key, undefined, false]);
    expect(plain.environmentOf('HttpFunction')).not.toHaveProperty('KEY_KMS_KEY_ID');
  });

  it('believes the secret that there was beside the one of KMS, for as long as moving there takes', async () => {
    const stack = await deployed({ KeySecretKmsKeyArn: KMS_KEYS[0], KeySecretBesideKms: 'yes' });
    const secret = stack.resource('KeySecret').attributes.SecretString;
    for (const name of ['Http', 'PostConfirmation', 'Sweep', 'UserDeleted']) {
      const { kmsKeyIds, keySecrets } = Config.read({
        ...stack.environmentOf(`${name}Function`),
        AWS_REGION: 'us-east-1',
      });
      expect({ kmsKeyIds, keySecrets }).toEqual({ kmsKeyIds: [KMS_KEYS[0]], keySecrets: [secret] });
    }
    expect(stack.outputs.has('SecretArn')).toBe(true);
  });

  it('takes the key of KMS that goes and the one that comes, and lets the functions ask both', async () => {
    const stack = await deployed({ KeySecretKmsKeyArn: KMS_KEYS.join() });
    const told = Config.read({ ...stack.environmentOf('HttpFunction'), AWS_REGION: 'us-east-1' });
    expect(told.kmsKeyIds).toEqual(KMS_KEYS);
    expect(rightsIn(policiesOf(stack, 'HttpRole')).filter((right) => right.startsWith('kms:'))).toEqual(
      KMS_KEYS.map((key) => `kms:GenerateMac ${key}`),
    );
  });

  it('has each deployment choose a prefix: two with the same one would bear each plan code twice, and sell nothing', () => {
    const chosen = Object.entries(template.Parameters).filter(([, { Default }]) => Default === undefined);
    expect(chosen.map(([name]) => name)).toEqual(['KeyPrefix']);
  });

  it('sends people back to a domain of one’s own, and nowhere else', async () => {
    const PublicUrl = 'https://portal.example.com';
    const { CallbackURLs, LogoutURLs } = (await deployed({ PublicUrl })).resource('WebsiteClient').properties;
    const both = [`${PublicUrl}/`, `${PublicUrl}/graphql`];
    expect({ CallbackURLs, LogoutURLs }).toEqual({ CallbackURLs: both, LogoutURLs: both });
  });

  it('lets pages of one’s own websites ask the server', async () => {
    const WebsiteOrigins = 'https://www.example.com,https://example.com';
    const told = (await deployed({ WebsiteOrigins })).environmentOf('HttpFunction');
    expect(Config.read({ ...told, AWS_REGION: 'us-east-1' }).corsOrigins).toEqual(WebsiteOrigins.split(','));
  });

  it.each([
    [{ DomainPrefix: '' }, /needs a DomainPrefix/],
    [{ ExistingClientIds: 'abc' }, /goes with an ExistingUserPoolId/],
    [{ ExistingUserPoolId: 'us-east-1_Pool' }, /needs ExistingClientIds/],
    [{ PlanInAccessTokens: 'yes', UserPoolTier: 'LITE' }, /ESSENTIALS or PLUS/],
    [{ DomainPrefix: 'Pet Store' }, /DomainPrefix is not of the pattern/],
    [{ PublicUrl: 'https://portal.example.com/' }, /PublicUrl is not of the pattern/],
    [{ UpgradeUrl: 'https://example.com/"}' }, /UpgradeUrl is not of the pattern/],
    [{ KeySecretBesideKms: 'yes' }, /goes with a KeySecretKmsKeyArn/],
    [{ KeySecretKmsKeyArn: `${KMS_KEYS[0]},` }, /KeySecretKmsKeyArn is not of the pattern/],
  ] as const)('refuses parameters that do not go together: %p', async (parameters, reason) => {
    await expect(deployed(parameters)).rejects.toThrow(reason);
  });
});

describe('the loader', () => {
  const refused = (change: (template: Template) => void) => deployed({}, change);
  const pool = ({ Resources }: Template) => Resources.UserPool?.Properties as Properties;

  it.each<[string, (template: Template) => void, RegExp]>([
    [
      'a type',
      ({ Resources }) => void Object.assign(Resources, { Queue: { Type: 'AWS::SQS::Queue' } }),
      /type AWS::SQS::Queue/,
    ],
    [
      'a property that it does not know',
      (one) => void Object.assign(pool(one), { DeviceConfiguration: {} }),
      /property DeviceConfiguration/,
    ],
    [
      'a function that it does not know',
      (one) => void Object.assign(pool(one), { UserPoolName: { 'Fn::Base64': 'a' } }),
      /Fn::Base64/,
    ],
    [
      'a reference to nothing',
      (one) => void Object.assign(pool(one), { UserPoolName: { Ref: 'Nobody' } }),
      /refers to Nobody/,
    ],
    [
      'a reference to what its condition leaves out',
      (one) => void Object.assign(pool(one), { UserPoolName: { Ref: 'AuthorizerFunction' } }),
      /which TakesTokenAlone leaves out/,
    ],
    [
      'a pool that waits for a function which is told the pool',
      (one) =>
        void Object.assign(Object(pool(one).LambdaConfig), {
          PostConfirmation: { 'Fn::GetAtt': ['PostConfirmationFunction', 'Arn'] },
        }),
      /Circular dependency: UserPool → PostConfirmationFunction/,
    ],
  ])('passes over nothing: refuses %s', async (_, change, reason) => {
    await expect(refused(change)).rejects.toThrow(reason);
  });
});
