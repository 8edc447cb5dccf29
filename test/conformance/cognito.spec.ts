import { createHmac, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as sdk from '@aws-sdk/client-cognito-identity-provider';
import { CognitoIdentityProvider } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CognitoJwtVerifier } from 'aws-jwt-verify';
import { JwtExpiredError } from 'aws-jwt-verify/error';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import { Cognito } from '../../src/sandbox/cognito/cognito.js';
import { hashPassword } from '../../src/sandbox/cognito/passwords.js';
import { listen } from '../../src/sandbox/http.js';
import { SandboxClock } from '../../src/sandbox/sandbox-clock.js';
import { Store } from '../../src/sandbox/store.js';
import { decodeJson, operationsOf } from '../../src/sandbox/wire.js';

/** One fact about Amazon Cognito: what is done, what comes back, and why we believe it. */
interface Row {
  readonly id: string;
  readonly what: string;
  readonly run: () => Promise<unknown>;
  readonly expected: unknown;
  readonly basis: 'documented' | 'reported' | 'model' | 'sandbox';
  readonly source: string;
}

const POOL = 'us-east-1_Conform01';
const NAMES = 'us-east-1_Names0001';
const CLIENT = 'conformclient0000000000001';
const GUARDED = 'guardedclient0000000000001';
const SECRET = 'secretclient00000000000001';
const NAMED = 'namedclient000000000000001';
const PASSWORD = 'Turnpike-1';

const clock = new SandboxClock();
const cognito = new Cognito(new Store(null), clock);
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
let aws: CognitoIdentityProvider;
let origin: string;
let close: () => Promise<void>;
let password: { hash: string };

beforeAll(async () => {
  const server = await listen(0, async (request) => {
    if (request.method === 'POST') return cognito.answer(request);
    return cognito.wellKnown(request) ?? { status: 404 };
  });
  close = server.close;
  origin = `http://127.0.0.1:${server.port}`;
  aws = new CognitoIdentityProvider({ endpoint: origin, region: 'us-east-1', credentials, maxAttempts: 1 });
  password = { hash: await hashPassword(PASSWORD) };
  await cognito.seedPool({ id: POOL, name: 'conformance', customAttributes: ['plan', 'key'] });
  await cognito.seedPool({ id: NAMES, name: 'names', settings: { UsernameAttributes: [] } });
  cognito.seedClient({ poolId: POOL, clientId: CLIENT });
  cognito.seedClient({ poolId: NAMES, clientId: NAMED });
  cognito.seedClient({
    poolId: POOL,
    clientId: GUARDED,
    readAttributes: ['email', 'custom:plan'],
    writeAttributes: ['email', 'name'],
    settings: { PreventUserExistenceErrors: 'ENABLED' },
  });
  cognito.seedClient({ poolId: POOL, clientId: SECRET, secret: 'not-so-secret' });
  cognito.seedGroup({ poolId: POOL, name: 'admin', precedence: 1 });
  cognito.seedGroup({ poolId: POOL, name: 'beta', precedence: 2 });
});

afterAll(() => {
  aws.destroy();
  return close();
});

const address = () => `${randomUUID()}@example.com`;

async function someone(attributes: Record<string, string> = {}, groups: string[] = []) {
  const email = address();
  const sub = await cognito.seedUser({ poolId: POOL, username: email, password, attributes, groups });
  return { email, sub, at: { UserPoolId: POOL, Username: sub } };
}

async function signIn(username: string, client = CLIENT, secret = PASSWORD) {
  const AuthParameters = { USERNAME: username, PASSWORD: secret };
  const reply = await aws.initiateAuth({ ClientId: client, AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters });
  const { AccessToken = '', IdToken = '', RefreshToken = '', ExpiresIn } = reply.AuthenticationResult ?? {};
  return { reply, AccessToken, IdToken, RefreshToken, ExpiresIn };
}

async function signedIn(attributes: Record<string, string> = {}, { client = CLIENT, groups = [] as string[] } = {}) {
  const user = await someone(attributes, groups);
  return { ...user, ...(await signIn(user.email, client)) };
}

const refresh = (token: string, client = CLIENT) =>
  aws.initiateAuth({ ClientId: client, AuthFlow: 'REFRESH_TOKEN_AUTH', AuthParameters: { REFRESH_TOKEN: token } });

const claims = (token = '') =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;

/** The failure in the form `Name: message`; a success is spelled out so that the row fails readably. */
async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    return `no failure but ${JSON.stringify(await call)}`;
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
}

async function attributesOf(username: string, poolId = POOL) {
  const { UserAttributes = [] } = await aws.adminGetUser({ UserPoolId: poolId, Username: username });
  return Object.fromEntries(UserAttributes.map(({ Name, Value }) => [Name, Value]));
}

const list = (pairs: Record<string, string>) => Object.entries(pairs).map(([Name, Value]) => ({ Name, Value }));

const find = async (Filter: string, UserPoolId = POOL) =>
  (await aws.listUsers({ UserPoolId, Filter })).Users?.map(({ Username }) => Username);

async function raw(operation: string | null, body: string, headers: Record<string, string> = {}) {
  const all = new Headers(headers);
  if (operation !== null) all.set('x-amz-target', `AWSCognitoIdentityProviderService.${operation}`);
  const reply = await fetch(origin, { method: 'POST', body, headers: all });
  return { status: reply.status, type: reply.headers.get('content-type'), body: await reply.json() };
}

const SIGNED = { authorization: 'AWS4-HMAC-SHA256 Credential=AK/20260101/us-east-1/cognito-idp/aws4_request' };
const JSON_1_1 = 'application/x-amz-json-1.1';

async function newPool(input: Partial<Parameters<CognitoIdentityProvider['createUserPool']>[0]> = {}) {
  const { UserPool } = await aws.createUserPool({ PoolName: 'made', ...input });
  return UserPool?.Id ?? '';
}

async function newClient(input: Partial<Parameters<CognitoIdentityProvider['createUserPoolClient']>[0]> = {}) {
  const ExplicitAuthFlows = ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'] as const;
  const flows = { ExplicitAuthFlows: [...ExplicitAuthFlows] };
  const reply = await aws.createUserPoolClient({ UserPoolId: POOL, ClientName: 'made', ...flows, ...input });
  return reply.UserPoolClient?.ClientId ?? '';
}

async function signUp(client = CLIENT, attributes: Record<string, string> = {}) {
  const email = address();
  const reply = await aws.signUp({
    ClientId: client,
    Username: email,
    Password: PASSWORD,
    UserAttributes: list(attributes),
  });
  const code = cognito.mail().findLast(({ to }) => to === email)?.code ?? '';
  return { email, reply, code };
}

/** At least this much. */
const part = (shape: Record<string, unknown>) => expect.objectContaining(shape);

const wire: Row[] = [
  {
    id: 'wire.unsigned-admin',
    what: 'an admin operation without a signature is refused',
    run: () => raw('AdminGetUser', '{}'),
    expected: {
      status: 400,
      type: JSON_1_1,
      body: { __type: 'MissingAuthenticationTokenException', message: 'Missing Authentication Token' },
    },
    basis: 'documented',
    source: 'DOC CommonErrors',
  },
  {
    id: 'wire.unsigned-public',
    what: 'a public operation needs no signature',
    run: async () => (await raw('GetUser', '{"AccessToken":"x"}')).body,
    expected: { __type: 'NotAuthorizedException', message: 'Invalid Access Token' },
    basis: 'model',
    source: 'botocore cognito-idp 2016-04-18, authtype none',
  },
  {
    id: 'wire.missing-member',
    what: 'a missing required member is named in lower camel case',
    run: async () => (await raw('AdminGetUser', '{"Username":"ada"}', SIGNED)).body,
    expected: {
      __type: 'InvalidParameterException',
      message:
        "1 validation error detected: Value at 'userPoolId' failed to satisfy constraint: Member must not be null",
    },
    basis: 'reported',
    source: 'FIELD, wording of request validation',
  },
  {
    id: 'wire.missing-members',
    what: 'several missing members are counted and joined',
    run: async () => (await raw('AdminGetUser', '{}', SIGNED)).body,
    expected: {
      __type: 'InvalidParameterException',
      message:
        "2 validation errors detected: Value at 'userPoolId' failed to satisfy constraint: Member must not be null; " +
        "Value at 'username' failed to satisfy constraint: Member must not be null",
    },
    basis: 'reported',
    source: 'FIELD, wording of request validation',
  },
  {
    id: 'wire.unknown-operation',
    what: 'an operation that Cognito does not have',
    run: () => raw('AdminMakeCoffee', '{}', SIGNED),
    expected: part({ status: 400, body: part({ __type: 'UnknownOperationException' }) }),
    basis: 'documented',
    source: 'DOC CommonErrors (AWS JSON 1.1)',
  },
  {
    id: 'wire.no-target',
    what: 'a request without X-Amz-Target',
    run: () => raw(null, '{}', SIGNED),
    expected: part({ status: 400, body: part({ __type: 'UnknownOperationException' }) }),
    basis: 'documented',
    source: 'DOC CommonErrors (AWS JSON 1.1)',
  },
  {
    id: 'wire.not-modelled',
    what: 'an operation the sandbox lacks is said to be lacking',
    run: () => raw('StartUserImportJob', '{}', SIGNED),
    expected: part({
      status: 501,
      body: { __type: 'NotImplementedException', message: 'StartUserImportJob is not modelled by the sandbox' },
    }),
    basis: 'sandbox',
    source: 'never a silent 200',
  },
  {
    id: 'wire.bad-json',
    what: 'a body that is no JSON',
    run: () => raw('GetUser', '{', SIGNED),
    expected: part({ status: 400, body: part({ __type: 'SerializationException' }) }),
    basis: 'documented',
    source: 'Smithy AWS JSON 1.1 protocol',
  },
  {
    id: 'wire.dates',
    what: 'times travel as epoch seconds and arrive as dates',
    run: async () => {
      const { at } = await someone();
      return (await aws.adminGetUser(at)).UserCreateDate;
    },
    expected: expect.any(Date),
    basis: 'model',
    source: 'botocore cognito-idp 2016-04-18',
  },
];

const pools: Row[] = [
  {
    id: 'pools.create',
    what: 'a pool id is region_word; standard and custom attributes are in the schema',
    run: async () => {
      const { UserPool } = await aws.createUserPool({
        PoolName: 'made',
        Schema: [{ Name: 'plan', AttributeDataType: 'String', Mutable: true }],
      });
      const names = UserPool?.SchemaAttributes?.map(({ Name }) => Name) ?? [];
      return [UserPool?.Id, UserPool?.Name, names.includes('email'), names.includes('custom:plan')];
    },
    expected: [expect.stringMatching(/^us-east-1_[a-zA-Z0-9]{9}$/), 'made', true, true],
    basis: 'documented',
    source: 'DOC API_CreateUserPool',
  },
  {
    id: 'pools.unknown',
    what: 'an unknown pool',
    run: () => refusal(aws.describeUserPool({ UserPoolId: 'us-east-1_Nowhere00' })),
    expected: 'ResourceNotFoundException: User pool us-east-1_Nowhere00 does not exist.',
    basis: 'reported',
    source: 'FIELD',
  },
  {
    id: 'pools.delete',
    what: 'a deleted pool is gone, with its users and clients',
    run: async () => {
      const id = await newPool();
      const client = await newClient({ UserPoolId: id });
      await aws.deleteUserPool({ UserPoolId: id });
      return [
        await refusal(aws.listUsers({ UserPoolId: id })),
        await refusal(signIn('ada', client)),
        (await fetch(`${origin}/${id}/.well-known/jwks.json`)).status,
      ];
    },
    expected: [
      expect.stringContaining('ResourceNotFoundException'),
      expect.stringContaining('ResourceNotFoundException: User pool client'),
      404,
    ],
    basis: 'documented',
    source: 'DOC API_DeleteUserPool',
  },
  {
    id: 'pools.delete-protected',
    what: 'deletion protection holds',
    run: async () => refusal(aws.deleteUserPool({ UserPoolId: await newPool({ DeletionProtection: 'ACTIVE' }) })),
    expected: expect.stringContaining('InvalidParameterException: The user pool cannot be deleted'),
    basis: 'documented',
    source: 'DOC user-pool-settings-deletion-protection',
  },
  {
    id: 'pools.list',
    what: 'pools are listed in pages that do not overlap',
    run: async () => {
      const first = await aws.listUserPools({ MaxResults: 1 });
      const second = await aws.listUserPools({ MaxResults: 60, NextToken: first.NextToken });
      return second.UserPools?.some(({ Id }) => Id === first.UserPools?.[0]?.Id);
    },
    expected: false,
    basis: 'model',
    source: 'botocore paginators, ListUserPools',
  },
  {
    id: 'pools.list-limit',
    what: 'MaxResults ends at 60',
    run: () => refusal(aws.listUserPools({ MaxResults: 61 })),
    expected: expect.stringContaining("Value '61' at 'maxResults' failed to satisfy constraint"),
    basis: 'model',
    source: 'botocore cognito-idp 2016-04-18',
  },
  {
    id: 'pools.custom-attribute',
    what: 'an added attribute gets its prefix; twice the same is refused',
    run: async () => {
      const id = await newPool();
      const CustomAttributes = [{ Name: 'plan', AttributeDataType: 'String' as const, Mutable: true }];
      await aws.addCustomAttributes({ UserPoolId: id, CustomAttributes });
      const { UserPool } = await aws.describeUserPool({ UserPoolId: id });
      return [
        UserPool?.SchemaAttributes?.some(({ Name }) => Name === 'custom:plan'),
        await refusal(aws.addCustomAttributes({ UserPoolId: id, CustomAttributes })),
      ];
    },
    expected: [true, expect.stringContaining('InvalidParameterException: custom:plan')],
    basis: 'documented',
    source: 'DOC user-pool-settings-attributes',
  },
  {
    id: 'pools.custom-attribute-name',
    what: 'the name of a custom attribute has at most 20 characters',
    run: () => refusal(aws.addCustomAttributes({ UserPoolId: POOL, CustomAttributes: [{ Name: 'a'.repeat(21) }] })),
    expected: expect.stringContaining('have length less than or equal to 20'),
    basis: 'model',
    source: 'botocore CustomAttributeNameType',
  },
  {
    id: 'pools.custom-attribute-required',
    what: 'a custom attribute cannot be required',
    run: () =>
      refusal(aws.addCustomAttributes({ UserPoolId: POOL, CustomAttributes: [{ Name: 'must', Required: true }] })),
    expected: 'InvalidParameterException: Required custom attributes are not supported currently.',
    basis: 'reported',
    source: 'GH trek10inc/serverless-cognito-manager#4',
  },
  {
    id: 'pools.update-resets',
    what: 'UpdateUserPool resets what it is not told, but not the username attributes',
    run: async () => {
      const id = await newPool({ AutoVerifiedAttributes: ['email'], UsernameAttributes: ['email'] });
      await aws.updateUserPool({ UserPoolId: id, DeletionProtection: 'INACTIVE' });
      const { UserPool } = await aws.describeUserPool({ UserPoolId: id });
      return [UserPool?.AutoVerifiedAttributes, UserPool?.UsernameAttributes];
    },
    expected: [undefined, ['email']],
    basis: 'documented',
    source: 'DOC API_UpdateUserPool',
  },
  {
    id: 'pools.unmodelled-setting',
    what: 'a setting nothing acts on is refused and not forgotten',
    run: () => refusal(newPool({ MfaConfiguration: 'ON' })),
    expected: expect.stringContaining('NotImplementedException'),
    basis: 'sandbox',
    source: 'never a silent 200',
  },
];

const clients: Row[] = [
  {
    id: 'clients.describe-lists',
    what: 'attribute lists are shown only when they were set',
    run: async () => {
      const open = await newClient();
      const closed = await newClient({ WriteAttributes: ['email'] });
      const show = async (ClientId: string) =>
        (await aws.describeUserPoolClient({ UserPoolId: POOL, ClientId })).UserPoolClient?.WriteAttributes;
      return [await show(open), await show(closed)];
    },
    expected: [undefined, ['email']],
    basis: 'documented',
    source: 'DOC API_CreateUserPoolClient',
  },
  {
    id: 'clients.update-resets',
    what: 'UpdateUserPoolClient forgets every setting that is not sent',
    run: async () => {
      const ClientId = await newClient({
        WriteAttributes: ['email'],
        ReadAttributes: ['email'],
        RefreshTokenValidity: 1,
      });
      await aws.updateUserPoolClient({ UserPoolId: POOL, ClientId, ClientName: 'other' });
      const { UserPoolClient } = await aws.describeUserPoolClient({ UserPoolId: POOL, ClientId });
      const { WriteAttributes, ReadAttributes, RefreshTokenValidity, ExplicitAuthFlows } = UserPoolClient ?? {};
      return [WriteAttributes, ReadAttributes, RefreshTokenValidity, ExplicitAuthFlows];
    },
    expected: [undefined, undefined, 30, undefined],
    basis: 'documented',
    source: 'DOC API_UpdateUserPoolClient; measured live by GH mohamedsorour1998/Grace',
  },
  {
    id: 'clients.unknown-attribute',
    what: 'WriteAttributes must be in the schema',
    run: () => refusal(newClient({ WriteAttributes: ['custom:nothing'] })),
    expected: 'InvalidParameterException: Invalid write attributes specified while creating a client',
    basis: 'reported',
    source: 'FIELD',
  },
  {
    id: 'clients.short-token',
    what: 'an access token lives for at least five minutes',
    run: () => refusal(newClient({ AccessTokenValidity: 4, TokenValidityUnits: { AccessToken: 'minutes' } })),
    expected: 'InvalidParameterException: Invalid range for token validity.',
    basis: 'reported',
    source: 'GH hashicorp/terraform-provider-aws#32504; DOC user-pool-settings-client-apps',
  },
  {
    id: 'clients.long-token',
    what: 'an ID token lives for at most a day',
    run: () => refusal(newClient({ IdTokenValidity: 25 })),
    expected: 'InvalidParameterException: Invalid range for token validity.',
    basis: 'documented',
    source: 'DOC user-pool-settings-client-apps',
  },
  {
    id: 'clients.other-pool',
    what: 'a client of another pool does not exist',
    run: () => refusal(aws.describeUserPoolClient({ UserPoolId: NAMES, ClientId: CLIENT })),
    expected: `ResourceNotFoundException: User pool client ${CLIENT} does not exist.`,
    basis: 'reported',
    source: 'FIELD',
  },
  {
    id: 'clients.delete',
    what: 'a deleted client no longer signs anybody in',
    run: async () => {
      const ClientId = await newClient();
      await aws.deleteUserPoolClient({ UserPoolId: POOL, ClientId });
      const { UserPoolClients } = await aws.listUserPoolClients({ UserPoolId: POOL, MaxResults: 60 });
      return [UserPoolClients?.some((one) => one.ClientId === ClientId), await refusal(signIn('ada', ClientId))];
    },
    expected: [false, expect.stringContaining('ResourceNotFoundException')],
    basis: 'documented',
    source: 'DOC API_DeleteUserPoolClient',
  },
  {
    id: 'clients.secret',
    what: 'a client with a secret needs the secret hash',
    run: async () => {
      const { email } = await someone();
      const hash = createHmac('sha256', 'not-so-secret').update(`${email}${SECRET}`).digest('base64');
      const attempt = (more: Record<string, string>) =>
        aws.initiateAuth({
          ClientId: SECRET,
          AuthFlow: 'USER_PASSWORD_AUTH',
          AuthParameters: { USERNAME: email, PASSWORD, ...more },
        });
      const { AuthenticationResult } = await attempt({ SECRET_HASH: hash });
      return [
        await refusal(attempt({})),
        await refusal(attempt({ SECRET_HASH: 'wrong' })),
        AuthenticationResult?.TokenType,
      ];
    },
    expected: [
      `NotAuthorizedException: Client ${SECRET} is configured with secret but SECRET_HASH was not received`,
      `NotAuthorizedException: Unable to verify secret hash for client ${SECRET}`,
      'Bearer',
    ],
    basis: 'reported',
    source: 'FIELD; DOC signing-up-users-in-your-app#cognito-user-pools-computing-secret-hash',
  },
];

const signUps: Row[] = [
  {
    id: 'sign-up.confirm',
    what: 'sign-up, code, confirmation: the address is verified and the user may sign in',
    run: async () => {
      const { email, reply, code } = await signUp();
      const before = await refusal(signIn(email));
      await aws.confirmSignUp({ ClientId: CLIENT, Username: email, ConfirmationCode: code });
      const { email_verified } = await attributesOf(email);
      const details = reply.CodeDeliveryDetails;
      return [before, email_verified, (await signIn(email)).reply.AuthenticationResult?.TokenType, details];
    },
    expected: [
      'UserNotConfirmedException: User is not confirmed.',
      'true',
      'Bearer',
      { AttributeName: 'email', DeliveryMedium: 'EMAIL', Destination: expect.stringMatching(/^.\*\*\*@e\*\*\*$/) },
    ],
    basis: 'documented',
    source: 'DOC signing-up-users-in-your-app',
  },
  {
    id: 'sign-up.wrong-code',
    what: 'a wrong code',
    run: async () => {
      const { email } = await signUp();
      return refusal(aws.confirmSignUp({ ClientId: CLIENT, Username: email, ConfirmationCode: 'nope' }));
    },
    expected: 'CodeMismatchException: Invalid verification code provided, please try again.',
    basis: 'reported',
    source: 'FIELD',
  },
  {
    id: 'sign-up.code-expires',
    what: 'a code lives for a day, and a new one can be asked for',
    run: async () => {
      const { email, code } = await signUp();
      clock.forward(24 * 3600 + 1);
      const late = await refusal(aws.confirmSignUp({ ClientId: CLIENT, Username: email, ConfirmationCode: code }));
      await aws.resendConfirmationCode({ ClientId: CLIENT, Username: email });
      const newer = cognito.mail().findLast(({ to }) => to === email)?.code ?? '';
      await aws.confirmSignUp({ ClientId: CLIENT, Username: email, ConfirmationCode: newer });
      return [late, (await aws.adminGetUser({ UserPoolId: POOL, Username: email })).UserStatus];
    },
    expected: ['ExpiredCodeException: Invalid code provided, please request a code again.', 'CONFIRMED'],
    basis: 'documented',
    source: 'DOC limits (validity of a confirmation code)',
  },
  {
    id: 'sign-up.username-is-sub',
    what: 'where e-mail is the username the real one is a UUID, equal to sub',
    run: async () => {
      const { email, reply } = await signUp();
      const { Username } = await aws.adminGetUser({ UserPoolId: POOL, Username: email });
      return Username === reply.UserSub && (await attributesOf(email)).sub === Username;
    },
    expected: true,
    basis: 'reported',
    source: 'moto test_cognitoidp.py, aws_verified',
  },
  {
    id: 'sign-up.twice',
    what: 'an address is taken whatever its case',
    run: async () => {
      const { email } = await signUp();
      return refusal(aws.signUp({ ClientId: CLIENT, Username: email.toUpperCase(), Password: PASSWORD }));
    },
    expected: 'UsernameExistsException: An account with the given email already exists.',
    basis: 'reported',
    source: 'FIELD; DOC user-pool-case-sensitivity',
  },
  {
    id: 'sign-up.twice-named',
    what: 'a chosen username is taken whatever its case',
    run: async () => {
      await aws.signUp({ ClientId: NAMED, Username: 'Grace', Password: PASSWORD });
      return refusal(aws.signUp({ ClientId: NAMED, Username: 'grace', Password: PASSWORD }));
    },
    expected: 'UsernameExistsException: User already exists',
    basis: 'reported',
    source: 'FIELD; DOC user-pool-case-sensitivity',
  },
  {
    id: 'sign-up.not-an-address',
    what: 'where e-mail is the username it must be one',
    run: () => refusal(aws.signUp({ ClientId: CLIENT, Username: 'ada', Password: PASSWORD })),
    expected: 'InvalidParameterException: Username should be an email.',
    basis: 'reported',
    source: 'FIELD',
  },
  {
    id: 'sign-up.admin-only',
    what: 'a pool may forbid sign-up',
    run: async () => {
      const id = await newPool({ AdminCreateUserConfig: { AllowAdminCreateUserOnly: true } });
      const ClientId = await newClient({ UserPoolId: id });
      return refusal(aws.signUp({ ClientId, Username: 'ada', Password: PASSWORD }));
    },
    expected: 'NotAuthorizedException: SignUp is not permitted for this user pool',
    basis: 'reported',
    source: 'FIELD',
  },
  {
    id: 'sign-up.weak-password',
    what: 'the default policy wants length, both cases, a number and a symbol',
    run: () =>
      Promise.all(
        ['Ab-1', 'turnpike-1', 'TURNPIKE-1', 'Turnpike-x', 'Turnpike1'].map((Password) =>
          refusal(aws.signUp({ ClientId: CLIENT, Username: address(), Password })),
        ),
      ),
    expected: [
      'Password not long enough',
      'Password must have uppercase characters',
      'Password must have lowercase characters',
      'Password must have numeric characters',
      'Password must have symbol characters',
    ].map((text) => `InvalidPasswordException: Password did not conform with policy: ${text}`),
    basis: 'reported',
    source: 'FIELD; DOC managing-users-passwords',
  },
  {
    id: 'sign-up.required-attribute',
    what: 'a required attribute must be sent',
    run: async () => {
      const id = await newPool({ Schema: [{ Name: 'name', Required: true }] });
      const ClientId = await newClient({ UserPoolId: id });
      return refusal(aws.signUp({ ClientId, Username: 'ada', Password: PASSWORD }));
    },
    expected: expect.stringContaining(
      'InvalidParameterException: Attributes did not conform to the schema: name: The attribute is required',
    ),
    basis: 'reported',
    source: 'FIELD',
  },
  {
    id: 'sign-up.admin-confirm',
    what: 'an admin confirms without a code, once; the address stays unverified',
    run: async () => {
      const { email } = await signUp();
      const at = { UserPoolId: POOL, Username: email };
      await aws.adminConfirmSignUp(at);
      return [await refusal(aws.adminConfirmSignUp(at)), (await attributesOf(email)).email_verified];
    },
    expected: ['NotAuthorizedException: User cannot be confirmed. Current status is CONFIRMED', 'false'],
    basis: 'documented',
    source: 'DOC API_AdminConfirmSignUp; FIELD for the wording',
  },
  {
    id: 'sign-up.resend-simulated',
    what: 'a client that hides who exists pretends to send a code',
    run: async () => {
      const ask = (ClientId: string) => aws.resendConfirmationCode({ ClientId, Username: 'nobody@example.com' });
      return [(await ask(GUARDED)).CodeDeliveryDetails?.Destination, await refusal(ask(CLIENT))];
    },
    expected: ['n***@e***', 'UserNotFoundException: Username/client id combination not found.'],
    basis: 'documented',
    source: 'DOC cognito-user-pool-managing-errors',
  },
];

const created: Row[] = [
  {
    id: 'created.temporary-password',
    what: 'a user made by an admin must choose a password first',
    run: async () => {
      const email = address();
      const made = await aws.adminCreateUser({
        UserPoolId: POOL,
        Username: email,
        TemporaryPassword: 'Temporary-1',
        MessageAction: 'SUPPRESS',
      });
      const { reply } = await signIn(email, CLIENT, 'Temporary-1');
      const done = await aws.respondToAuthChallenge({
        ClientId: CLIENT,
        ChallengeName: 'NEW_PASSWORD_REQUIRED',
        Session: reply.Session,
        ChallengeResponses: { USERNAME: email, NEW_PASSWORD: PASSWORD },
      });
      const { UserStatus } = await aws.adminGetUser({ UserPoolId: POOL, Username: email });
      const tokens = done.AuthenticationResult?.TokenType;
      return [made.User?.UserStatus, reply.ChallengeName, reply.AuthenticationResult, tokens, UserStatus];
    },
    expected: ['FORCE_CHANGE_PASSWORD', 'NEW_PASSWORD_REQUIRED', undefined, 'Bearer', 'CONFIRMED'],
    basis: 'documented',
    source: 'DOC amazon-cognito-user-pools-authentication-flow',
  },
  {
    id: 'created.session-once',
    what: 'a session counts for its user, for three minutes, once',
    run: async () => {
      const [email, other] = [address(), (await someone()).email];
      await aws.adminCreateUser({ UserPoolId: POOL, Username: email, TemporaryPassword: 'Temporary-1' });
      const { reply } = await signIn(email, CLIENT, 'Temporary-1');
      const respond = (USERNAME: string) =>
        aws.respondToAuthChallenge({
          ClientId: CLIENT,
          ChallengeName: 'NEW_PASSWORD_REQUIRED',
          Session: reply.Session,
          ChallengeResponses: { USERNAME, NEW_PASSWORD: PASSWORD },
        });
      const foreign = await refusal(respond(other));
      clock.forward(3 * 60);
      return [foreign, await refusal(respond(email))];
    },
    expected: [
      'NotAuthorizedException: Invalid session for the user.',
      'NotAuthorizedException: Invalid session for the user, session is expired.',
    ],
    basis: 'documented',
    source: 'DOC API_CreateUserPoolClient (AuthSessionValidity); FIELD for the wording',
  },
  {
    id: 'created.set-password',
    what: 'AdminSetUserPassword with Permanent confirms the user',
    run: async () => {
      const email = address();
      const at = { UserPoolId: POOL, Username: email };
      await aws.adminCreateUser({ ...at, MessageAction: 'SUPPRESS' });
      await aws.adminSetUserPassword({ ...at, Password: PASSWORD, Permanent: true });
      return [(await aws.adminGetUser(at)).UserStatus, (await signIn(email)).ExpiresIn];
    },
    expected: ['CONFIRMED', 3600],
    basis: 'documented',
    source: 'DOC API_AdminSetUserPassword',
  },
  {
    id: 'created.invitation',
    what: 'the invitation is sent unless it is suppressed',
    run: async () => {
      const [loud, quiet] = [address(), address()];
      await aws.adminCreateUser({ UserPoolId: POOL, Username: loud });
      await aws.adminCreateUser({ UserPoolId: POOL, Username: quiet, MessageAction: 'SUPPRESS' });
      return [loud, quiet].map((email) =>
        cognito
          .mail()
          .filter(({ to }) => to === email)
          .map(({ kind }) => kind),
      );
    },
    expected: [['invitation'], []],
    basis: 'documented',
    source: 'DOC API_AdminCreateUser',
  },
  {
    id: 'created.temporary-password-expires',
    what: 'a temporary password is good for seven days',
    run: async () => {
      const email = address();
      await aws.adminCreateUser({ UserPoolId: POOL, Username: email, TemporaryPassword: 'Temporary-1' });
      clock.forward(7 * 86_400 + 1);
      return refusal(signIn(email, CLIENT, 'Temporary-1'));
    },
    expected: 'NotAuthorizedException: Temporary password has expired and must be reset by an administrator.',
    basis: 'reported',
    source: 'FIELD; DOC how-to-create-user-accounts',
  },
];

const names: Row[] = [
  {
    id: 'names.by-all',
    what: 'a local user is found by username, address in any case, and sub',
    run: async () => {
      const { email, sub } = await someone();
      const found = [email, email.toUpperCase(), sub].map((Username) =>
        aws.adminGetUser({ UserPoolId: POOL, Username }),
      );
      return (await Promise.all(found)).every(({ Username }) => Username === sub);
    },
    expected: true,
    basis: 'documented',
    source: 'DOC user-pool-settings-attributes#user-pool-settings-aliases',
  },
  {
    id: 'names.unknown',
    what: 'nobody of that name',
    run: () => refusal(aws.adminGetUser({ UserPoolId: POOL, Username: 'nobody@example.com' })),
    expected: 'UserNotFoundException: User does not exist.',
    basis: 'reported',
    source: 'FIELD',
  },
  {
    id: 'names.federated',
    what: 'a federated user is found by username, not by sub; a filter finds both',
    run: async () => {
      const sub = cognito.seedFederatedUser({ poolId: POOL, username: 'Google_123', attributes: { email: 'g@x.io' } });
      const user = await aws.adminGetUser({ UserPoolId: POOL, Username: 'Google_123' });
      return [
        await refusal(aws.adminGetUser({ UserPoolId: POOL, Username: sub })),
        await refusal(aws.adminGetUser({ UserPoolId: POOL, Username: 'g@x.io' })),
        user.UserStatus,
        sub === 'Google_123',
        await find(`sub = "${sub}"`),
      ];
    },
    expected: [
      'UserNotFoundException: User does not exist.',
      'UserNotFoundException: User does not exist.',
      'EXTERNAL_PROVIDER',
      false,
      ['Google_123'],
    ],
    basis: 'reported',
    source: 'GH aws/aws-sdk-js#3774',
  },
  {
    id: 'names.named-like-a-sub',
    what: 'somebody named like the sub of another is found first',
    run: async () => {
      const sub = await cognito.seedUser({ poolId: NAMES, username: 'victim', password });
      const before = (await attributesOf(sub, NAMES)).sub;
      await aws.adminCreateUser({ UserPoolId: NAMES, Username: sub, MessageAction: 'SUPPRESS' });
      const after = (await attributesOf(sub, NAMES)).sub;
      return [before === sub, after === sub];
    },
    expected: [true, false],
    basis: 'documented',
    source: 'DOC API_AdminGetUser (Username: the username, or sub of a local user)',
  },
  {
    id: 'names.deleted-and-made-again',
    what: 'a username can be used again and gets a new sub; tokens of the first owner are worth nothing',
    run: async () => {
      const first = await cognito.seedUser({ poolId: NAMES, username: 'phoenix', password });
      const { AccessToken, RefreshToken } = await signIn('phoenix', NAMED);
      await aws.adminDeleteUser({ UserPoolId: NAMES, Username: 'phoenix' });
      const second = await cognito.seedUser({ poolId: NAMES, username: 'phoenix', password });
      return [
        first === second,
        await refusal(aws.getUser({ AccessToken })),
        await refusal(refresh(RefreshToken, NAMED)),
      ];
    },
    expected: [false, 'UserNotFoundException: User does not exist.', expect.stringContaining('NotAuthorizedException')],
    basis: 'documented',
    source: 'DOC user-pool-settings-attributes (sub is never used again)',
  },
];

const attributes: Row[] = [
  {
    id: 'attributes.unknown',
    what: 'an attribute outside of the schema, and nothing else of that call is written',
    run: async () => {
      const { at } = await someone();
      const UserAttributes = list({ 'custom:plan': 'pro', 'custom:teamId': '1' });
      const answer = await refusal(aws.adminUpdateUserAttributes({ ...at, UserAttributes }));
      return [answer, (await attributesOf(at.Username))['custom:plan']];
    },
    expected: ['InvalidParameterException: user.custom:teamId: Attribute does not exist in the schema.\n', undefined],
    basis: 'reported',
    source: 'FIELD',
  },
  {
    id: 'attributes.blank-deletes',
    what: 'a blank value deletes',
    run: async () => {
      const { at } = await someone({ 'custom:plan': 'pro', name: 'Ada' });
      await aws.adminUpdateUserAttributes({ ...at, UserAttributes: list({ 'custom:plan': '', name: 'Eve' }) });
      const { name, ...rest } = await attributesOf(at.Username);
      return [name, 'custom:plan' in rest];
    },
    expected: ['Eve', false],
    basis: 'documented',
    source: 'DOC API_AdminUpdateUserAttributes',
  },
  {
    id: 'attributes.delete-absent',
    what: 'deleting an absent attribute is no error',
    run: async () => {
      const { at } = await someone({ 'custom:plan': 'pro' });
      const UserAttributeNames = ['custom:plan', 'custom:key'];
      await aws.adminDeleteUserAttributes({ ...at, UserAttributeNames });
      return 'custom:plan' in (await attributesOf(at.Username));
    },
    expected: false,
    basis: 'sandbox',
    source: 'the plainest reading of DOC API_AdminDeleteUserAttributes',
  },
  {
    id: 'attributes.too-long',
    what: 'a value has at most 2,048 characters',
    run: async () => {
      const { at } = await someone();
      const write = (length: number) =>
        aws.adminUpdateUserAttributes({ ...at, UserAttributes: list({ 'custom:plan': 'x'.repeat(length) }) });
      await write(2048);
      return refusal(write(2049));
    },
    expected: expect.stringContaining('have length less than or equal to 2048'),
    basis: 'model',
    source: 'botocore AttributeValueType',
  },
  {
    id: 'attributes.immutable',
    what: 'an immutable attribute is written at creation only',
    run: async () => {
      const id = await newPool({ Schema: [{ Name: 'born', AttributeDataType: 'String', Mutable: false }] });
      const at = { UserPoolId: id, Username: 'ada' };
      await aws.adminCreateUser({ ...at, UserAttributes: list({ 'custom:born': '1815' }) });
      return refusal(aws.adminUpdateUserAttributes({ ...at, UserAttributes: list({ 'custom:born': '1852' }) }));
    },
    expected: expect.stringMatching(/^InvalidParameterException: .*Attribute cannot be updated\./),
    basis: 'reported',
    source: 'measured live by GH mohamedsorour1998/Grace',
  },
  {
    id: 'attributes.email-unverifies',
    what: 'a new address is unverified unless the same call says otherwise',
    run: async () => {
      const { at } = await someone();
      const change = async (more: Record<string, string>) => {
        await aws.adminUpdateUserAttributes({ ...at, UserAttributes: list({ email: address(), ...more }) });
        return (await attributesOf(at.Username)).email_verified;
      };
      return [await change({}), await change({ email_verified: 'true' })];
    },
    expected: ['false', 'true'],
    basis: 'documented',
    source: 'DOC API_AdminUpdateUserAttributes',
  },
  {
    id: 'attributes.email-taken',
    what: 'an address in use cannot be taken over',
    run: async () => {
      const [ada, eve] = [await someone(), await someone()];
      return refusal(aws.adminUpdateUserAttributes({ ...eve.at, UserAttributes: list({ email: ada.email }) }));
    },
    expected: 'AliasExistsException: An account with the given email already exists.',
    basis: 'documented',
    source: 'DOC API_AdminUpdateUserAttributes (errors)',
  },
  {
    id: 'attributes.email-renames',
    what: 'after a change the new address signs in and the old one does not',
    run: async () => {
      const { at, email } = await someone();
      const newer = address();
      await aws.adminUpdateUserAttributes({ ...at, UserAttributes: list({ email: newer, email_verified: 'true' }) });
      return [await refusal(signIn(email)), claims((await signIn(newer)).IdToken).sub === at.Username];
    },
    expected: ['UserNotFoundException: User does not exist.', true],
    basis: 'documented',
    source: 'DOC user-pool-settings-attributes#user-pool-settings-aliases',
  },
  {
    id: 'attributes.unset-writes-all',
    what: 'through a client without WriteAttributes users may set their own custom attributes',
    run: async () => {
      const { AccessToken, sub } = await signedIn();
      await aws.updateUserAttributes({ AccessToken, UserAttributes: list({ 'custom:plan': 'pro' }) });
      return (await attributesOf(sub))['custom:plan'];
    },
    expected: 'pro',
    basis: 'reported',
    source: 'measured live by GH mohamedsorour1998/Grace',
  },
  {
    id: 'attributes.write-denied',
    what: 'WriteAttributes bounds updates, deletions and sign-up, and nothing of the call is written',
    run: async () => {
      const { AccessToken, sub } = await signedIn({ 'custom:plan': 'free' }, { client: GUARDED });
      const UserAttributes = list({ name: 'Eve', 'custom:plan': 'pro' });
      return [
        await refusal(aws.updateUserAttributes({ AccessToken, UserAttributes })),
        await refusal(aws.deleteUserAttributes({ AccessToken, UserAttributeNames: ['custom:plan'] })),
        await refusal(signUp(GUARDED, { 'custom:plan': 'pro' })),
        await attributesOf(sub),
      ];
    },
    expected: [
      'NotAuthorizedException: A client attempted to write unauthorized attribute',
      'NotAuthorizedException: A client attempted to write unauthorized attribute',
      'NotAuthorizedException: A client attempted to write unauthorized attribute',
      expect.not.objectContaining({ name: 'Eve' }),
    ],
    basis: 'reported',
    source: 'FIELD; DOC user-pool-settings-attributes#user-pool-settings-attribute-permissions-and-scopes',
  },
  {
    id: 'attributes.verified-not-writable',
    what: 'nobody may verify their own address by writing it',
    run: async () => {
      const { AccessToken } = await signedIn();
      return refusal(aws.updateUserAttributes({ AccessToken, UserAttributes: list({ email_verified: 'true' }) }));
    },
    expected: expect.stringContaining('NotAuthorizedException'),
    basis: 'documented',
    source: 'DOC user-pool-settings-attributes',
  },
  {
    id: 'attributes.admin-ignores-client',
    what: 'admin operations ignore client permissions',
    run: async () => {
      const { at } = await signedIn({}, { client: GUARDED });
      await aws.adminUpdateUserAttributes({ ...at, UserAttributes: list({ 'custom:plan': 'pro' }) });
      return (await attributesOf(at.Username))['custom:plan'];
    },
    expected: 'pro',
    basis: 'documented',
    source: 'DOC user-pool-settings-attributes#user-pool-settings-attribute-permissions-and-scopes',
  },
  {
    id: 'attributes.read-bounded',
    what: 'ReadAttributes bounds GetUser and the ID token',
    run: async () => {
      const own = { name: 'Ada', 'custom:plan': 'pro', 'custom:key': 'hidden' };
      const { AccessToken, IdToken } = await signedIn(own, { client: GUARDED });
      const { UserAttributes = [] } = await aws.getUser({ AccessToken });
      const token = claims(IdToken);
      const shown = ['custom:plan', 'custom:key', 'name', 'email_verified'].map((name) => name in token);
      return [UserAttributes.map(({ Name }) => Name).sort(), shown];
    },
    expected: [
      ['custom:plan', 'email', 'sub'],
      [true, false, false, false],
    ],
    basis: 'documented',
    source: 'DOC user-pool-settings-attributes#user-pool-settings-attribute-permissions-and-scopes',
  },
  {
    id: 'attributes.verify-own',
    what: 'a user verifies a changed address with the code that was sent there',
    run: async () => {
      const { AccessToken, sub } = await signedIn();
      const email = address();
      const { CodeDeliveryDetailsList } = await aws.updateUserAttributes({
        AccessToken,
        UserAttributes: list({ email }),
      });
      const before = (await attributesOf(sub)).email_verified;
      const Code = cognito.mail().findLast(({ to }) => to === email)?.code ?? '';
      await aws.verifyUserAttribute({ AccessToken, AttributeName: 'email', Code });
      return [CodeDeliveryDetailsList?.length, before, (await attributesOf(sub)).email_verified];
    },
    expected: [1, 'false', 'true'],
    basis: 'documented',
    source: 'DOC API_VerifyUserAttribute',
  },
];

const signIns: Row[] = [
  {
    id: 'sign-in.wrong-password',
    what: 'a wrong password',
    run: async () => refusal(signIn((await someone()).email, CLIENT, 'Wrong-word-1')),
    expected: 'NotAuthorizedException: Incorrect username or password.',
    basis: 'reported',
    source: 'FIELD',
  },
  {
    id: 'sign-in.unknown-user',
    what: 'LEGACY says that nobody has this name, ENABLED does not',
    run: () => Promise.all([CLIENT, GUARDED].map((client) => refusal(signIn('nobody@example.com', client)))),
    expected: [
      'UserNotFoundException: User does not exist.',
      'NotAuthorizedException: Incorrect username or password.',
    ],
    basis: 'documented',
    source: 'DOC cognito-user-pool-managing-errors',
  },
  {
    id: 'sign-in.lockout',
    what: 'five failures lock the user out for a second, the right password too',
    run: async () => {
      const { email } = await someone();
      for (let i = 0; i < 5; i++) await refusal(signIn(email, CLIENT, 'Wrong-word-1'));
      const locked = await refusal(signIn(email));
      clock.forward(2);
      return [locked, (await signIn(email)).ExpiresIn];
    },
    expected: ['NotAuthorizedException: Password attempts exceeded', 3600],
    basis: 'documented',
    source: 'DOC authentication (lockout behavior)',
  },
  {
    id: 'sign-in.flow-not-enabled',
    what: 'ExplicitAuthFlows is enforced; a client without any has no password flow',
    run: async () => {
      const { email } = await someone();
      const bare = await newClient({ ExplicitAuthFlows: undefined });
      return refusal(signIn(email, bare));
    },
    expected: 'InvalidParameterException: USER_PASSWORD_AUTH flow not enabled for this client',
    basis: 'reported',
    source: 'FIELD; DOC API_CreateUserPoolClient (default flows)',
  },
  {
    id: 'sign-in.admin-flow',
    what: 'ADMIN_USER_PASSWORD_AUTH is for AdminInitiateAuth',
    run: async () => {
      const { email } = await someone();
      const how = {
        AuthFlow: 'ADMIN_USER_PASSWORD_AUTH' as const,
        AuthParameters: { USERNAME: email, PASSWORD },
        ClientId: CLIENT,
      };
      const { AuthenticationResult } = await aws.adminInitiateAuth({ UserPoolId: POOL, ...how });
      return [AuthenticationResult?.TokenType, await refusal(aws.initiateAuth(how))];
    },
    expected: ['Bearer', 'InvalidParameterException: Initiate Auth method not supported.'],
    basis: 'reported',
    source: 'DOC API_AdminInitiateAuth; FIELD for the wording',
  },
  {
    id: 'sign-in.missing-parameter',
    what: 'a missing parameter is named',
    run: () => refusal(aws.initiateAuth({ ClientId: CLIENT, AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters: {} })),
    expected: 'InvalidParameterException: Missing required parameter USERNAME',
    basis: 'reported',
    source: 'FIELD',
  },
  {
    id: 'sign-in.other-flows',
    what: 'a flow the sandbox lacks, or nobody has, is said to be lacking',
    run: async () => {
      const start = (AuthFlow: string) =>
        raw('InitiateAuth', JSON.stringify({ ClientId: CLIENT, AuthFlow, AuthParameters: {} }));
      return (await Promise.all(['CUSTOM_AUTH', 'constructor'].map(start))).map(({ status }) => status);
    },
    expected: [501, 501],
    basis: 'sandbox',
    source: 'never a silent 200',
  },
  {
    id: 'sign-in.disabled',
    what: 'a disabled user cannot sign in or refresh, and old access tokens are refused by Cognito',
    run: async () => {
      const { at, email, AccessToken, RefreshToken } = await signedIn();
      await aws.adminDisableUser(at);
      return [
        await refusal(signIn(email)),
        await refusal(refresh(RefreshToken)),
        await refusal(aws.getUser({ AccessToken })),
        (await aws.adminGetUser(at)).Enabled,
        cognito.verify(POOL, AccessToken).ok,
      ];
    },
    expected: [
      'NotAuthorizedException: User is disabled.',
      'NotAuthorizedException: User is disabled.',
      'NotAuthorizedException: Access Token has been revoked',
      false,
      true,
    ],
    basis: 'documented',
    source: 'DOC API_AdminDisableUser; DOC token-revocation',
  },
  {
    id: 'sign-in.enabled-again',
    what: 'enabling a user does not revive old tokens',
    run: async () => {
      const { at, email, AccessToken, RefreshToken } = await signedIn();
      await aws.adminDisableUser(at);
      await aws.adminEnableUser(at);
      return [
        await refusal(aws.getUser({ AccessToken })),
        await refusal(refresh(RefreshToken)),
        (await signIn(email)).ExpiresIn,
      ];
    },
    expected: [
      'NotAuthorizedException: Access Token has been revoked',
      'NotAuthorizedException: Refresh Token has been revoked',
      3600,
    ],
    basis: 'documented',
    source: 'DOC API_AdminDisableUser',
  },
  {
    id: 'sign-in.change-password',
    what: 'a changed password replaces the old one',
    run: async () => {
      const { AccessToken, email } = await signedIn();
      const change = (PreviousPassword: string) =>
        aws.changePassword({ AccessToken, PreviousPassword, ProposedPassword: 'Another-one-2' });
      const wrong = await refusal(change('Wrong-word-1'));
      await change(PASSWORD);
      return [wrong, await refusal(signIn(email)), (await signIn(email, CLIENT, 'Another-one-2')).ExpiresIn];
    },
    expected: [
      'NotAuthorizedException: Incorrect username or password.',
      'NotAuthorizedException: Incorrect username or password.',
      3600,
    ],
    basis: 'documented',
    source: 'DOC API_ChangePassword',
  },
];

const tokens: Row[] = [
  {
    id: 'tokens.access-claims',
    what: 'an access token has client_id, username and scope, no aud, address or attribute',
    run: async () => claims((await signedIn({ 'custom:plan': 'pro' }, { groups: ['beta', 'admin'] })).AccessToken),
    expected: {
      sub: expect.any(String),
      client_id: CLIENT,
      token_use: 'access',
      username: expect.any(String),
      scope: 'aws.cognito.signin.user.admin',
      'cognito:groups': ['admin', 'beta'],
      version: 2,
      iss: `https://cognito-idp.us-east-1.amazonaws.com/${POOL}`,
      iat: expect.any(Number),
      exp: expect.any(Number),
      auth_time: expect.any(Number),
      jti: expect.any(String),
      origin_jti: expect.any(String),
      event_id: expect.any(String),
    },
    basis: 'documented',
    source: 'DOC amazon-cognito-user-pools-using-the-access-token',
  },
  {
    id: 'tokens.id-claims',
    what: 'an ID token has aud, address with a boolean, and attributes; no groups claim without groups',
    run: async () => {
      const { IdToken, sub } = await signedIn({ 'custom:plan': 'pro' });
      const { email, ...token } = claims(IdToken);
      return { ...token, sameSub: token.sub === sub && token['cognito:username'] === sub };
    },
    expected: {
      sub: expect.any(String),
      sameSub: true,
      aud: CLIENT,
      token_use: 'id',
      'cognito:username': expect.any(String),
      email_verified: true,
      'custom:plan': 'pro',
      iss: `https://cognito-idp.us-east-1.amazonaws.com/${POOL}`,
      iat: expect.any(Number),
      exp: expect.any(Number),
      auth_time: expect.any(Number),
      jti: expect.any(String),
      origin_jti: expect.any(String),
      event_id: expect.any(String),
    },
    basis: 'documented',
    source: 'DOC amazon-cognito-user-pools-using-the-id-token',
  },
  {
    id: 'tokens.two-keys',
    what: 'the JWKS has one key for each kind of token',
    run: async () => {
      const { AccessToken, IdToken } = await signedIn();
      const jwks = await fetch(`${origin}/${POOL}/.well-known/jwks.json`);
      const { keys } = (await jwks.json()) as { keys: { kid: string; alg: string }[] };
      const kid = (token: string) =>
        (JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as { kid: string }).kid;
      const used = [kid(IdToken), kid(AccessToken)];
      return [
        keys
          .map((key) => key.kid)
          .sort()
          .join() === [...used].sort().join(),
        used[0] === used[1],
        keys[0]?.alg,
      ];
    },
    expected: [true, false, 'RS256'],
    basis: 'documented',
    source: 'DOC amazon-cognito-user-pools-using-tokens-verifying-a-jwt',
  },
  {
    id: 'tokens.discovery',
    what: 'the discovery document names the issuer and the JWKS',
    run: async () => (await fetch(`${origin}/${POOL}/.well-known/openid-configuration`)).json(),
    expected: part({
      issuer: `https://cognito-idp.us-east-1.amazonaws.com/${POOL}`,
      jwks_uri: `https://cognito-idp.us-east-1.amazonaws.com/${POOL}/.well-known/jwks.json`,
    }),
    basis: 'documented',
    source: 'DOC federation-endpoints',
  },
  {
    id: 'tokens.validity',
    what: 'lifetimes follow the client and its units',
    run: async () => {
      const client = await newClient({
        AccessTokenValidity: 10,
        IdTokenValidity: 1,
        TokenValidityUnits: { AccessToken: 'minutes', IdToken: 'days' },
      });
      const { AccessToken, IdToken, ExpiresIn } = await signedIn({}, { client });
      const life = (token: string) => Number(claims(token).exp) - Number(claims(token).iat);
      return [life(AccessToken), life(IdToken), ExpiresIn];
    },
    expected: [600, 86_400, 600],
    basis: 'documented',
    source: 'DOC API_TokenValidityUnitsType',
  },
  {
    id: 'tokens.expired',
    what: 'an access token expires',
    run: async () => {
      const { AccessToken } = await signedIn();
      clock.forward(3600);
      return [await refusal(aws.getUser({ AccessToken })), cognito.verify(POOL, AccessToken)];
    },
    expected: ['NotAuthorizedException: Access Token has expired', { ok: false, expired: true }],
    basis: 'reported',
    source: 'FIELD',
  },
  {
    id: 'tokens.refresh',
    what: 'a refresh keeps auth_time and origin, gives no new refresh token, and shows new groups and attributes',
    run: async () => {
      const { at, AccessToken, RefreshToken } = await signedIn();
      await aws.adminAddUserToGroup({ ...at, GroupName: 'beta' });
      await aws.adminUpdateUserAttributes({ ...at, UserAttributes: list({ 'custom:plan': 'pro' }) });
      clock.forward(60);
      const { AuthenticationResult: newer } = await refresh(RefreshToken);
      const [was, is, id] = [claims(AccessToken), claims(newer?.AccessToken), claims(newer?.IdToken)];
      return [
        is.auth_time === was.auth_time && is.origin_jti === was.origin_jti,
        is.jti === was.jti,
        newer?.RefreshToken,
        was['cognito:groups'],
        is['cognito:groups'],
        id['custom:plan'],
      ];
    },
    expected: [true, false, undefined, undefined, ['beta'], 'pro'],
    basis: 'documented',
    source: 'DOC amazon-cognito-user-pools-using-the-refresh-token',
  },
  {
    id: 'tokens.refresh-expires',
    what: 'a refresh token lives for 30 days',
    run: async () => {
      const { RefreshToken } = await signedIn();
      clock.forward(30 * 86_400);
      return refusal(refresh(RefreshToken));
    },
    expected: 'NotAuthorizedException: Refresh Token has expired',
    basis: 'documented',
    source: 'DOC amazon-cognito-user-pools-using-the-refresh-token',
  },
  {
    id: 'tokens.refresh-foreign',
    what: 'garbage and the tokens of another client are no refresh tokens',
    run: async () => {
      const { RefreshToken } = await signedIn();
      return Promise.all([refusal(refresh('garbage')), refusal(refresh(RefreshToken, GUARDED))]);
    },
    expected: ['NotAuthorizedException: Invalid Refresh Token', 'NotAuthorizedException: Invalid Refresh Token'],
    basis: 'reported',
    source: 'FIELD',
  },
  {
    id: 'tokens.global-sign-out',
    what: 'global sign-out ends all sessions for Cognito, while the JWTs verify offline',
    run: async () => {
      const { email, AccessToken, RefreshToken } = await signedIn();
      const other = await signIn(email);
      await aws.globalSignOut({ AccessToken });
      return [
        await refusal(aws.getUser({ AccessToken: other.AccessToken })),
        await refusal(refresh(RefreshToken)),
        cognito.verify(POOL, other.AccessToken).ok,
      ];
    },
    expected: [
      'NotAuthorizedException: Access Token has been revoked',
      'NotAuthorizedException: Refresh Token has been revoked',
      true,
    ],
    basis: 'documented',
    source: 'DOC API_GlobalSignOut; DOC token-revocation',
  },
  {
    id: 'tokens.admin-sign-out',
    what: 'an admin can do the same to somebody',
    run: async () => {
      const { at, AccessToken } = await signedIn();
      await aws.adminUserGlobalSignOut(at);
      return refusal(aws.getUser({ AccessToken }));
    },
    expected: 'NotAuthorizedException: Access Token has been revoked',
    basis: 'documented',
    source: 'DOC API_AdminUserGlobalSignOut',
  },
  {
    id: 'tokens.revoke',
    what: 'RevokeToken ends one session, twice without complaint, and takes no access token',
    run: async () => {
      const { email, AccessToken, RefreshToken } = await signedIn();
      const other = await signIn(email);
      await aws.revokeToken({ ClientId: CLIENT, Token: RefreshToken });
      await aws.revokeToken({ ClientId: CLIENT, Token: RefreshToken });
      return [
        await refusal(aws.getUser({ AccessToken })),
        (await aws.getUser({ AccessToken: other.AccessToken })).UserAttributes?.length,
        await refusal(aws.revokeToken({ ClientId: CLIENT, Token: AccessToken })),
      ];
    },
    expected: [
      'NotAuthorizedException: Access Token has been revoked',
      3,
      expect.stringContaining('UnsupportedTokenTypeException'),
    ],
    basis: 'documented',
    source: 'DOC API_RevokeToken; DOC token-revocation',
  },
  {
    id: 'tokens.id-token-is-no-access-token',
    what: 'an ID token and a forged token open nothing',
    run: async () => {
      const { IdToken, AccessToken } = await signedIn();
      const [head, body, signature] = AccessToken.split('.');
      const other = Buffer.from(JSON.stringify({ ...claims(AccessToken), sub: 'someone' })).toString('base64url');
      const none = Buffer.from('{"alg":"none"}').toString('base64url');
      const all = [IdToken, `${head}.${other}.${signature}`, `${none}.${body}.`, 'garbage'];
      return Promise.all(all.map((token) => refusal(aws.getUser({ AccessToken: token }))));
    },
    expected: Array.from({ length: 4 }, () => 'NotAuthorizedException: Invalid Access Token'),
    basis: 'reported',
    source: 'FIELD',
  },
  {
    id: 'tokens.other-pool',
    what: 'a token of one pool is nothing to another',
    run: async () => cognito.verify(NAMES, (await signedIn()).AccessToken),
    expected: { ok: false, expired: false },
    basis: 'documented',
    source: 'DOC amazon-cognito-user-pools-using-tokens-verifying-a-jwt',
  },
  {
    id: 'tokens.deleted-user',
    what: 'a deleted user has no session left',
    run: async () => {
      const { AccessToken, RefreshToken, email } = await signedIn();
      await aws.deleteUser({ AccessToken });
      return [
        await refusal(aws.getUser({ AccessToken })),
        await refusal(refresh(RefreshToken)),
        await refusal(signIn(email)),
      ];
    },
    expected: [
      'UserNotFoundException: User does not exist.',
      expect.stringContaining('NotAuthorizedException'),
      'UserNotFoundException: User does not exist.',
    ],
    basis: 'documented',
    source: 'DOC API_DeleteUser',
  },
];

const groups: Row[] = [
  {
    id: 'groups.life',
    what: 'a group is made once, has members, and leaves them when it goes',
    run: async () => {
      const { at, sub } = await someone();
      const GroupName = `g-${sub}`;
      await aws.createGroup({ UserPoolId: POOL, GroupName, Precedence: 5 });
      const twice = await refusal(aws.createGroup({ UserPoolId: POOL, GroupName }));
      await aws.adminAddUserToGroup({ ...at, GroupName });
      await aws.adminAddUserToGroup({ ...at, GroupName });
      const members = (await aws.listUsersInGroup({ UserPoolId: POOL, GroupName })).Users?.map((u) => u.Username);
      await aws.deleteGroup({ UserPoolId: POOL, GroupName });
      await aws.createGroup({ UserPoolId: POOL, GroupName });
      const { Groups } = await aws.adminListGroupsForUser(at);
      return [twice, members?.join() === sub, Groups];
    },
    expected: [expect.stringMatching(/^GroupExistsException: A group with the name g-.* already exists\.$/), true, []],
    basis: 'documented',
    source: 'DOC API_CreateGroup, API_DeleteGroup',
  },
  {
    id: 'groups.unknown',
    what: 'an unknown group',
    run: () => refusal(aws.getGroup({ UserPoolId: POOL, GroupName: 'nothing' })),
    expected: 'ResourceNotFoundException: Group not found.',
    basis: 'reported',
    source: 'FIELD',
  },
  {
    id: 'groups.remove',
    what: 'leaving a group one is not in is no error',
    run: async () => {
      const { at } = await someone({}, ['admin']);
      await aws.adminRemoveUserFromGroup({ ...at, GroupName: 'admin' });
      await aws.adminRemoveUserFromGroup({ ...at, GroupName: 'admin' });
      return (await aws.adminListGroupsForUser(at)).Groups;
    },
    expected: [],
    basis: 'documented',
    source: 'DOC API_AdminRemoveUserFromGroup',
  },
  {
    id: 'groups.federated',
    what: 'federated users are in the group of their provider',
    run: async () => {
      cognito.seedFederatedUser({ poolId: POOL, username: 'Google_456' });
      const { Groups } = await aws.adminListGroupsForUser({ UserPoolId: POOL, Username: 'Google_456' });
      return Groups?.map(({ GroupName }) => GroupName);
    },
    expected: [`${POOL}_Google`],
    basis: 'documented',
    source: 'DOC cognito-user-pools-user-groups',
  },
  {
    id: 'groups.list',
    what: 'groups come in pages',
    run: async () => {
      const first = await aws.listGroups({ UserPoolId: POOL, Limit: 1 });
      return [first.Groups?.length, typeof first.NextToken];
    },
    expected: [1, 'string'],
    basis: 'model',
    source: 'botocore paginators, ListGroups',
  },
];

const lists: Row[] = [
  {
    id: 'list.pages',
    what: 'pages of at most Limit cover everybody once',
    run: async () => {
      const UserPoolId = await newPool();
      for (let i = 0; i < 5; i++) await cognito.seedUser({ poolId: UserPoolId, username: `user${i}`, password });
      const seen: (string | undefined)[] = [];
      let PaginationToken: string | undefined;
      let pages = 0;
      do {
        const page = await aws.listUsers({ UserPoolId, Limit: 2, PaginationToken });
        seen.push(...(page.Users ?? []).map(({ Username }) => Username));
        PaginationToken = page.PaginationToken;
        pages++;
      } while (PaginationToken);
      return [pages, seen];
    },
    expected: [3, ['user0', 'user1', 'user2', 'user3', 'user4']],
    basis: 'documented',
    source: 'DOC API_ListUsers',
  },
  {
    id: 'list.limit',
    what: 'Limit ends at 60',
    run: () => refusal(aws.listUsers({ UserPoolId: POOL, Limit: 61 })),
    expected: expect.stringContaining("Value '61' at 'limit' failed to satisfy constraint"),
    basis: 'model',
    source: 'botocore QueryLimitType',
  },
  {
    id: 'list.token',
    what: 'a token is for its own list, and for an hour',
    run: async () => {
      await Promise.all([someone(), someone()]);
      const { PaginationToken } = await aws.listUsers({ UserPoolId: POOL, Limit: 1 });
      const go = (UserPoolId: string, token = PaginationToken) => aws.listUsers({ UserPoolId, PaginationToken: token });
      const refused = [await refusal(go(NAMES)), await refusal(go(POOL, 'garbage'))];
      clock.forward(3601);
      return [...refused, await refusal(go(POOL))];
    },
    expected: Array.from({ length: 3 }, () => expect.stringContaining('InvalidParameterException')),
    basis: 'documented',
    source: 'DOC API_ListUsers (PaginationToken)',
  },
  {
    id: 'list.equal-and-prefix',
    what: '= is equality and ^= a prefix; an address is found in any case',
    run: async () => {
      const { email, sub } = await someone();
      const found = [
        await find(`email = "${email.toUpperCase()}"`),
        await find(`email ^= "${email.slice(0, 30)}"`),
        await find(`email = "${email.slice(0, 30)}"`),
        await find(`sub="${sub}"`),
      ];
      return found.map((names) => names?.length);
    },
    expected: [1, 1, 0, 1],
    basis: 'documented',
    source: 'DOC how-to-manage-user-accounts#cognito-user-pools-searching-user-attributes',
  },
  {
    id: 'list.case',
    what: 'username and status keep to the case, cognito:user_status does not',
    run: async () => {
      await cognito.seedUser({ poolId: NAMES, username: 'CaseKeeper', password });
      return [
        await find('username = "casekeeper"', NAMES),
        await find('username = "CaseKeeper"', NAMES),
        await find('status = "enabled"', NAMES),
        (await find('status = "Enabled"', NAMES))?.includes('CaseKeeper'),
        (await find('cognito:user_status = "confirmed"', NAMES))?.includes('CaseKeeper'),
      ];
    },
    expected: [[], ['CaseKeeper'], [], true, true],
    basis: 'documented',
    source: 'DOC API_ListUsers (Filter)',
  },
  {
    id: 'list.escapes',
    what: 'quotes and backslashes in a value are escaped',
    run: async () => {
      const { sub } = await someone({ name: 'Ada "the \\ first" L' });
      return (await find('name = "Ada \\"the \\\\ first\\" L"'))?.join() === sub;
    },
    expected: true,
    basis: 'documented',
    source: 'DOC API_ListUsers (Filter)',
  },
  {
    id: 'list.bad-filter',
    what: 'what is no single condition is refused, injected ones too',
    run: () =>
      Promise.all(
        ['foo', 'email', 'email = ada', 'email = "a" or email = "b"', 'email = "a"" "', 'email $= "a"'].map((filter) =>
          refusal(find(filter)),
        ),
      ),
    expected: Array.from({ length: 6 }, () => 'InvalidParameterException: Error while parsing filter.'),
    basis: 'reported',
    source: 'GH aws/aws-sdk-php#1088, aws/aws-sdk-js#3147',
  },
  {
    id: 'list.unsearchable',
    what: 'custom attributes cannot be searched',
    run: () => refusal(find('custom:plan = "pro"')),
    expected: expect.stringContaining('InvalidParameterException'),
    basis: 'documented',
    source: 'DOC API_ListUsers (Filter); GH getmoto/moto#4389',
  },
  {
    id: 'list.attributes-to-get',
    what: 'AttributesToGet narrows, and fails when one user lacks the attribute',
    run: async () => {
      const { email } = await someone({ name: 'Ada' });
      const ask = (...AttributesToGet: string[]) =>
        aws.listUsers({ UserPoolId: POOL, Filter: `email = "${email}"`, AttributesToGet });
      const { Users } = await ask('name');
      return [Users?.[0]?.Attributes, await refusal(ask('custom:plan')), await refusal(ask('sub'))];
    },
    expected: [
      [{ Name: 'name', Value: 'Ada' }],
      'InvalidParameterException: Input fails to satisfy the constraints.',
      'InvalidParameterException: Input fails to satisfy the constraints.',
    ],
    basis: 'documented',
    source: 'DOC API_ListUsers (AttributesToGet); GH aws-samples/sample-collaborative-ai-dlc#52',
  },
  {
    id: 'list.group-pages',
    what: 'members of a group come in pages',
    run: async () => {
      await aws.createGroup({ UserPoolId: POOL, GroupName: 'paged' });
      await Promise.all([someone({}, ['paged']), someone({}, ['paged'])]);
      const at = { UserPoolId: POOL, GroupName: 'paged' };
      const first = await aws.listUsersInGroup({ ...at, Limit: 1 });
      const second = await aws.listUsersInGroup({ ...at, Limit: 1, NextToken: first.NextToken });
      return [first.Users?.length, second.Users?.length, second.NextToken];
    },
    expected: [1, 1, undefined],
    basis: 'documented',
    source: 'DOC API_ListUsersInGroup',
  },
];

const rows = { wire, pools, clients, signUps, created, names, attributes, signIns, tokens, groups, lists };

for (const [family, facts] of Object.entries(rows)) {
  describe(`cognito ${family}`, () => {
    it.each(facts)('$id: $what', async ({ run, expected }) => {
      expect(await run()).toEqual(expected);
    });
  });
}

describe('tokens for aws-jwt-verify', () => {
  const verifier = (tokenUse: 'id' | 'access') => {
    const fetcher = {
      fetch: async (uri: string) => {
        const reply = await fetch(uri.replace(/^https:\/\/[^/]+/, origin));
        if (!reply.ok) throw new Error(`jwks ${reply.status}`);
        return reply.arrayBuffer();
      },
    };
    const jwksCache = new SimpleJwksCache({ fetcher });
    return CognitoJwtVerifier.create({ userPoolId: POOL, clientId: CLIENT, tokenUse }, { jwksCache });
  };

  it('verifies both kinds, each as its own kind only', async () => {
    const { AccessToken, IdToken, sub } = await fresh();
    expect((await verifier('access').verify(AccessToken)).username).toBe(sub);
    expect((await verifier('id').verify(IdToken))['cognito:username']).toBe(sub);
    await expect(verifier('id').verify(AccessToken)).rejects.toThrow('Token use not allowed');
  });

  it('sees an expired token as expired', async () => {
    const { AccessToken } = await fresh();
    const later = { graceSeconds: -3601 };
    await expect(verifier('access').verify(AccessToken, later)).rejects.toBeInstanceOf(JwtExpiredError);
  });

  /** The verifier has the machine's clock, so the sandbox has to be back at it. */
  function fresh() {
    clock.reset();
    return signedIn();
  }
});

describe('the schemas of the SDK', () => {
  it('are laid out as the wire layer reads them', () => {
    const operations = operationsOf(sdk);
    const getUser = operations.find(({ name }) => name === 'AdminGetUser');
    expect(operations.length).toBeGreaterThan(100);
    expect(getUser?.input.getMemberSchemas()).toHaveProperty('UserPoolId');
    expect(getUser?.http).toBeUndefined();
    expect(() => getUser && decodeJson(getUser, Buffer.from('{}'))).toThrow('UserPoolId, Username');
  });
});

describe('memory', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cognito-'));
  });

  afterEach(() => rm(directory, { recursive: true }));

  const poolId = 'us-east-1_Restart01';

  async function opened() {
    const store = new Store(directory);
    const cognito = new Cognito(store, clock);
    await cognito.seedPool({ id: poolId, name: 'restart' });
    cognito.seedClient({ poolId, clientId: CLIENT });
    const sub = await cognito.seedUser({ poolId, username: 'ada@example.com', password });
    const start = async (AuthFlow: string, AuthParameters: Record<string, string>) => {
      const reply = await cognito.answer({
        method: 'POST',
        url: new URL('http://127.0.0.1/'),
        headers: { 'x-amz-target': 'AWSCognitoIdentityProviderService.InitiateAuth' },
        body: Buffer.from(JSON.stringify({ ClientId: CLIENT, AuthFlow, AuthParameters })),
      });
      const body = JSON.parse(reply.body ?? '') as sdk.InitiateAuthCommandOutput;
      return body.AuthenticationResult ?? {};
    };
    return { store, cognito, sub, start };
  }

  it('keeps users, keys and sessions over a restart', async () => {
    const before = await opened();
    const by = { USERNAME: 'ada@example.com', PASSWORD };
    const { AccessToken = '', RefreshToken = '' } = await before.start('USER_PASSWORD_AUTH', by);
    before.store.close();
    const after = await opened();
    const refreshed = await after.start('REFRESH_TOKEN_AUTH', { REFRESH_TOKEN: RefreshToken });
    expect(after.sub).toBe(before.sub);
    expect(after.cognito.verify(poolId, AccessToken).ok).toBe(true);
    expect(claims(refreshed.AccessToken).origin_jti).toBe(claims(AccessToken).origin_jti);
    after.store.close();
  });

  it('has no password and no token in it', async () => {
    const { store, start } = await opened();
    const tokens = await start('USER_PASSWORD_AUTH', { USERNAME: 'ada@example.com', PASSWORD });
    store.close();
    const journal = await readFile(join(directory, 'journal.ndjson'), 'utf8');
    const secrets = [PASSWORD, tokens.AccessToken, tokens.IdToken, tokens.RefreshToken];
    expect(secrets.map((secret = 'missing') => journal.includes(secret))).toEqual([false, false, false, false]);
    expect(Object.values(tokens).filter((value) => typeof value === 'string')).toHaveLength(4);
  });

  it('seeds thousands of users with one hash in no time', async () => {
    const store = new Store(null);
    const many = new Cognito(store, clock);
    await many.seedPool({ id: 'us-east-1_Many00001', name: 'many' });
    const subs = new Set<string>();
    for (let i = 0; i < 5000; i++) {
      subs.add(await many.seedUser({ poolId: 'us-east-1_Many00001', username: `u${i}@example.com`, password }));
    }
    expect(subs.size).toBe(5000);
  }, 5000);
});
