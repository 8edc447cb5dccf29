import { describe, expect, it } from '@jest/globals';
import type { AppClient, PoolAttribute, UserPool } from '../../../aws/inspection/account-inspection.js';
import type { Answer, Expected, Facts } from '../facts.js';
import { Verdict } from '../finding.js';
import { allFindings, unansweredOf } from './all-checks.js';

const OURS = ['custom:plan', 'custom:key_floor'];
const EXPECTED: Expected = {
  region: 'eu-west-1',
  userPoolId: 'eu-west-1_Pool',
  clientIds: ['website'],
  hostedUi: 'https://auth.example.com',
  keyPrefix: 'turnpike',
  attributeNames: OURS,
  defaultPlan: null,
  fewestCharacters: 40,
};

const known = <T>(value: T): Answer<T> => ({ kind: 'known', value });
const attribute = (name: string, more: Partial<PoolAttribute> = {}): PoolAttribute => {
  return { name, type: 'String', mutable: true, mostCharacters: 2048, ...more };
};
const ATTRIBUTES = [...OURS, 'email', 'name'].map((name) => attribute(name));
const client = (more: Partial<AppClient> = {}): AppClient => ({
  id: 'website',
  name: 'Website',
  writeAttributes: ['email'],
  oauthFlows: ['code'],
  oauthScopes: ['openid', 'email', 'profile'],
  hidesUserExistence: true,
  settings: {},
  ...more,
});
const STAGE = { apiId: 'api', name: 'v1' };

/** An account as it should be, with what a test changes. */
function findings(changed: Partial<Facts>, expected: Partial<Expected> = {}) {
  return allFindings(facts(changed), { ...EXPECTED, ...expected });
}

function facts(changed: Partial<Facts>): Facts {
  return {
    pool: known({ attributes: ATTRIBUTES, ignoresCase: true }),
    clients: known([client()]),
    plans: known({ offered: [{ id: 'p1', code: 'free' }], rejected: [] }),
    stagesByPlan: known(new Map([['p1', [STAGE]]])),
    missingStages: known([]),
    signed: known({ withPlan: 10, signed: 10 }),
    unusableKmsKey: known(null),
    keys: known({ all: 8999, enabledNames: [] }),
    missingRights: known([]),
    ...changed,
  };
}

const poolWith = (more: Partial<UserPool>) => ({ pool: known({ attributes: ATTRIBUTES, ignoresCase: true, ...more }) });
const pool = (...attributes: PoolAttribute[]): Partial<Facts> => poolWith({ attributes });

describe('the checks of the pre-flight', () => {
  it('find nothing in an account that is as it should be', () => expect(findings({})).toEqual([]));

  const cases: readonly (readonly [string, Partial<Facts>, string, RegExp, RegExp])[] = [
    ['a pool that is not there', { pool: known(null) }, 'unknown-pool', /eu-west-1_Pool/, /list-user-pools/],
    [
      'an attribute that is missing',
      pool(attribute('custom:plan')),
      'pool-attributes',
      /lacks custom:key_floor\.$/,
      /^aws cognito-idp add-custom-attributes .* Name=key_floor,.*Mutable=true.*MaxLength=2048/,
    ],
    [
      'an attribute that cannot be changed',
      pool(attribute('custom:plan', { mutable: false }), attribute('custom:key_floor')),
      'pool-attributes',
      /custom:plan is immutable/,
      /new pool/,
    ],
    [
      'an attribute that is too short',
      pool(attribute('custom:plan'), attribute('custom:key_floor', { mostCharacters: 2047 })),
      'pool-attributes',
      /custom:key_floor holds at most 2047/,
      /new pool/,
    ],
    [
      'an attribute of another type',
      pool(attribute('custom:plan', { type: 'Number', mostCharacters: null }), attribute('custom:key_floor')),
      'pool-attributes',
      /Number/,
      /new pool/,
    ],
    [
      'a pool where another spelling is another user',
      poolWith({ ignoresCase: false }),
      'username-case',
      /eu-west-1_Pool .*CaseSensitive/,
      /CaseSensitive=false/,
    ],
    [
      'a client that is not of this pool',
      { clients: known([client({ id: 'another' })]) },
      'unknown-client',
      /COGNITO_CLIENT_ID names website/,
      /list-user-pool-clients/,
    ],
    [
      'two plans with one code',
      { plans: known({ offered: [], rejected: [{ code: 'pro', planIds: ['p1', 'p2'] }] }) },
      'plan-code',
      /p1 and p2 have the same code, "pro"/,
      /untag-resource .*usageplans\/p2 --tag-keys turnpike:plan/,
    ],
    [
      'a malformed code',
      { plans: known({ offered: [], rejected: [{ code: 'P R O', planIds: ['p1'] }] }) },
      'plan-code',
      /p1 .*"P R O"/,
      /tag-resource .*usageplans\/p1 /,
    ],
    [
      'a plan for no stage',
      { stagesByPlan: known(new Map([['p1', []]])) },
      'plan-stage',
      /"free" \(p1\) is for no API stage/,
      /update-usage-plan .*--usage-plan-id p1 .*op=add/,
    ],
    [
      'a plan for a stage that does not exist',
      { missingStages: known([STAGE]) },
      'plan-stage',
      /stage v1 of API api, which does not exist/,
      /op=remove,path=\/apiStages,value=api:v1/,
    ],
    [
      'an account that is nearly full',
      { keys: known({ all: 9000, enabledNames: null }) },
      'key-count',
      /9000 API keys/,
      /Delete/,
    ],
    [
      'customers whom another secret has signed',
      { signed: known({ withPlan: 3, signed: 0 }) },
      'key-secret',
      /Of 3 customers .* 3 have it signed by none/,
      /KEY_SECRET/,
    ],
    [
      'a customer whom somebody wrote by hand',
      { signed: known({ withPlan: 3, signed: 2 }) },
      'key-secret-doubtful',
      /1 have it signed by none/,
      /dry-run/,
    ],
    [
      'a right that a read showed to be missing',
      { missingRights: known([{ action: 'apigateway:GET', resource: '/apikeys' }]) },
      'missing-rights',
      /does not allow apigateway:GET on \/apikeys/,
      /iam-policy\.json/,
    ],
    [
      'a right that the pre-flight itself lacks',
      { clients: { kind: 'denied', operation: 'DescribeUserPoolClient' } },
      'missing-rights',
      /cognito-idp:DescribeUserPoolClient on userpool\/eu-west-1_Pool/,
      /iam-policy\.json/,
    ],
    [
      'stages that nobody may look at',
      { missingStages: { kind: 'denied', operation: 'GetStage' } },
      'not-looked-at',
      /restapis/,
      /iam-policy\.json/,
    ],
  ];
  it.each(cases)('find %s, say what it is and how to mend it', (_, changed, name, what, mend) => {
    expect(findings(changed)).toEqual([
      { name, what: expect.stringMatching(what), why: expect.any(String), mend: expect.stringMatching(mend) },
    ]);
  });

  it('find a client that the hosted pages sign nobody in for, where there are any', () => {
    const clients = known([client({ oauthFlows: [], oauthScopes: ['openid', 'email'] }), client({ id: 'another' })]);
    expect(findings({ clients })).toMatchObject([
      { name: 'hosted-sign-in', what: expect.stringMatching(/website .* lacks the flow code, the scope profile\.$/) },
    ]);
    expect(findings({ clients }, { hostedUi: null })).toEqual([]);
    expect(findings({ clients }, { clientIds: ['another', 'website'] })).toEqual([]); // the first one signs people in
  });

  it('find live keys of another prefix or pool, say that both may be right, and touch upon nobody else’s', () => {
    const named = (fleet: string, generation = 1) => `${fleet}.9f1c-44.${String(generation).padStart(6, '0')}`;
    const others = [named('turnpike.eu-west-1_Old'), named('turnpike.eu-west-1_Old', 2), named('acme.eu-west-1_Pool')];
    const enabledNames = [named('turnpike.eu-west-1_Pool'), ...others, 'Old customer Ltd', ''];
    expect(findings({ keys: known({ all: 6, enabledNames }) })).toEqual(
      [
        'enabled keys .* turnpike\\.eu-west-1_Old\\., there are 2',
        'enabled keys .* acme\\.eu-west-1_Pool\\., there are 1',
      ].map((what) => ({
        name: 'keys-elsewhere',
        what: expect.stringMatching(what),
        why: expect.stringMatching(/another deployment .* nothing ends them/i),
        mend: expect.stringMatching(/section 1(.|\n)*get-api-keys --region eu-west-1 --name-query /),
      })),
    );
  });

  it('find a key in KMS that makes no secret', () => {
    expect(findings({ unusableKmsKey: known('DisabledException') })).toMatchObject([
      { name: 'kms-key', what: expect.stringContaining('DisabledException') },
    ]);
  });

  it('finds a default plan that there is not', () => {
    expect(findings({}, { defaultPlan: 'fre' })).toMatchObject([
      { name: 'plan-code', what: expect.stringContaining('"fre"') },
    ]);
    expect(findings({}, { defaultPlan: 'free' })).toEqual([]);
  });

  it('find a secret that is no secret', () => {
    expect(findings({}, { fewestCharacters: 11 })).toMatchObject([{ name: 'key-secret' }]);
    expect(findings({}, { fewestCharacters: 16 })).toEqual([]); // hexadecimal digits
  });

  it.each([
    ['no list', null, 'writable-attributes', /no list of write attributes/],
    ['a list with one of ours', ['email', 'custom:plan'], 'writable-attributes', /may write custom:plan\.$/],
  ])('find a client with %s', (_, writeAttributes, name, what) => {
    expect(findings({ clients: known([client({ writeAttributes })]) })).toMatchObject([
      { name, what: expect.stringMatching(what) },
    ]);
  });

  it('leave a client alone that may write what is not ours', () => {
    expect(findings({ clients: known([client({ writeAttributes: ['email', 'custom:colour'] })]) })).toEqual([]);
  });

  it('mend a client by one command for all that is wrong with it, quoted for a shell', () => {
    const wrong = client({
      name: "Bob's",
      writeAttributes: ['custom:plan'],
      oauthFlows: ['implicit'],
      hidesUserExistence: false,
      settings: { UserPoolId: 'p', ClientId: 'website', ClientName: "Bob's", AllowedOAuthFlows: ['implicit'] },
    });
    const found = findings({ clients: known([wrong]) }, { hostedUi: null });
    expect(found.map(({ name }) => name)).toEqual(['writable-attributes', 'implicit-grant', 'user-existence-errors']);
    const [command, ...others] = new Set(found.map(({ mend }) => mend));
    expect(others).toEqual([]);
    expect(command).toBe(
      `aws cognito-idp update-user-pool-client --region eu-west-1 --cli-input-json '{"UserPoolId":"p","ClientId":"website",` +
        `"ClientName":"Bob'\\''s","AllowedOAuthFlows":["code"],"WriteAttributes":["name"],"PreventUserExistenceErrors":"ENABLED"}'`,
    );
  });
});

describe('the verdict', () => {
  const verdict = (changed: Partial<Facts>, allowed: readonly string[] = []) =>
    new Verdict(findings(changed), unansweredOf(facts(changed)), allowed).outcome;
  const implicit: Partial<Facts> = { clients: known([client({ oauthFlows: ['code', 'implicit'] })]) };
  const away: Partial<Facts> = { keys: { kind: 'unanswered', what: 'the keys', why: 'throttled' } };

  it('is unsafe for what is found, whatever else was not answered', () => {
    expect(verdict(implicit)).toBe('unsafe');
    expect(verdict({ ...implicit, ...away })).toBe('unsafe');
  });

  it('is safe when each name is allowed, and only then', () => {
    expect(verdict(implicit, ['implicit-grant'])).toBe('safe');
    expect(verdict(implicit, ['writable-attributes'])).toBe('unsafe');
  });

  it('is not safe as long as AWS has not answered all', () => expect(verdict(away)).toBe('unknown'));

  it('warns of nothing whose name is allowed, and still tells that it is there', () => {
    const pool = { pool: known({ attributes: [], ignoresCase: false }) };
    const allowing = (...names: string[]) => new Verdict(findings(pool), [], names);
    expect(allowing('pool-attributes').warnings.map(({ name }) => name)).toEqual(['username-case']);
    const { warnings, tolerated } = allowing('username-case');
    expect([warnings, tolerated.map(({ name }) => name)]).toEqual([[], ['username-case']]);
  });

  it('is safe with warnings', () => expect(verdict({ keys: known({ all: 9999, enabledNames: null }) })).toBe('safe'));
});
