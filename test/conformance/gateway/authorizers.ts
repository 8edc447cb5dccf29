import type { CreateAuthorizerCommandInput, Op } from '@aws-sdk/client-api-gateway';
import { expect } from '@jest/globals';
import { type Row, refusal, uriOf, type World } from '../gateway-rows.js';
import { madeApi } from './made-api.js';

const ARN = 'arn:aws:cognito-idp:us-east-1:{account}:userpool/{pool}';
const HEADER = 'method.request.header.Authorization';
const COGNITO = { type: 'COGNITO_USER_POOLS' as const, providerARNs: [ARN], identitySource: HEADER };
const TOKEN = { type: 'TOKEN', authorizerUri: uriOf('authorizer'), identitySource: HEADER } as const;

async function created(world: World, input: Partial<CreateAuthorizerCommandInput>, restApiId?: string) {
  const api = restApiId ?? (await world.sdk.createRestApi({ name: world.name() })).id;
  const order = world.filled({ restApiId: api, name: 'who', type: input.type, ...input });
  const { $metadata, ...authorizer } = await world.sdk.createAuthorizer(order);
  return { ...authorizer, restApiId: api };
}

function createRow(
  id: string,
  what: string,
  input: Partial<CreateAuthorizerCommandInput>,
  expected: unknown,
  [basis, source]: [Row['basis'], string] = ['docs', 'DOC API_CreateAuthorizer'],
): Row {
  const run = async (world: World) => {
    try {
      const { id: made, restApiId, ...authorizer } = await created(world, input);
      return authorizer;
    } catch (error) {
      return (await refusal(Promise.reject(error))).slice(0, 23);
    }
  };
  return { id, call: 'CreateAuthorizer', what, run, expected, basis, source };
}

export const AUTHORIZER_ROWS: readonly Row[] = [
  createRow('AZ1', 'a user pool as authorizer', COGNITO, { name: 'who', authType: 'cognito_user_pools', ...COGNITO }, [
    'docs',
    'DOC API_Authorizer: authType',
  ]),
  createRow('AZ2', 'a function that gets the token; its results are kept for 300 s', TOKEN, {
    name: 'who',
    authType: 'custom',
    authorizerResultTtlInSeconds: 300,
    ...TOKEN,
  }),
  createRow('AZ3', 'a function without a URI', { type: 'TOKEN', identitySource: HEADER }, '400 BadRequestException'),
  createRow('AZ4', 'a pool that is none', { ...COGNITO, providerARNs: ['arn:aws:s3:::x'] }, '400 BadRequestException'),
  createRow(
    'AZ5',
    'a pool without an identity source',
    { ...COGNITO, identitySource: undefined },
    '400 BadRequestException',
    ['inference', 'DOC API_CreateAuthorizer: the header to take the token from'],
  ),
  createRow(
    'AZ6',
    'results are kept for an hour at most',
    { ...TOKEN, authorizerResultTtlInSeconds: 3601 },
    '400 BadRequestException',
  ),
  createRow(
    'AZ7',
    'results of whole requests are kept by identity sources, so there must be some',
    { ...TOKEN, type: 'REQUEST', identitySource: undefined },
    '400 BadRequestException',
  ),
  createRow(
    'AZ8',
    'without keeping results a whole request needs no identity source',
    { ...TOKEN, type: 'REQUEST', identitySource: undefined, authorizerResultTtlInSeconds: 0 },
    expect.objectContaining({ type: 'REQUEST' }),
  ),
  {
    id: 'AZ9',
    call: 'CreateAuthorizer',
    what: 'an API that does not exist looks busy',
    run: (world) => refusal(created(world, COGNITO, 'nosuchapi0')),
    expected:
      '409 ConflictException: Unable to complete operation due to concurrent modification. Please try again later.',
    basis: 'recorded',
    source: 'LocalStack test_authorizer_crud_no_api snapshot 2024-04',
  },
  {
    id: 'AZ10',
    call: 'GetAuthorizers',
    what: 'an API that does not exist is named',
    run: ({ sdk }) => refusal(sdk.getAuthorizers({ restApiId: 'nosuchapi0' })),
    expected: '404 NotFoundException: Invalid API identifier specified {account}:nosuchapi0',
    basis: 'recorded',
    source: 'LocalStack test_authorizer_crud_no_api snapshot 2024-04',
  },
  {
    id: 'AZ11',
    call: 'UpdateAuthorizer',
    what: 'replaces what it has, and adds and removes pools',
    run: async (world) => {
      const { restApiId, id: authorizerId } = await created(world, COGNITO);
      const patch = (op: Op, path: string, value: string) =>
        world.sdk.updateAuthorizer({ restApiId, authorizerId, patchOperations: [{ op, path, value }] });
      await patch('replace', '/name', 'renamed');
      await patch('add', '/providerARNs', world.filled(`${ARN}2`));
      const { name, providerARNs } = await patch('remove', '/providerARNs', world.filled(ARN));
      return [name, providerARNs];
    },
    expected: ['renamed', [`${ARN}2`]],
    basis: 'docs',
    source: 'DOC patch-operations',
  },
  {
    id: 'AZ12',
    call: 'DeleteAuthorizer',
    what: 'answers 202; then it is unknown',
    run: async (world) => {
      const { restApiId, id: authorizerId } = await created(world, COGNITO);
      const { $metadata } = await world.sdk.deleteAuthorizer({ restApiId, authorizerId });
      return [$metadata.httpStatusCode, await refusal(world.sdk.getAuthorizer({ restApiId, authorizerId }))];
    },
    expected: [202, '404 NotFoundException: Invalid Authorizer identifier specified'],
    basis: 'docs',
    source: 'DOC API_DeleteAuthorizer; the words are moto’s',
  },
  {
    id: 'AZ13',
    call: 'DeleteAuthorizer',
    what: 'an authorizer that a method uses stays',
    run: async (world) => {
      const { restApiId, authorizerId } = await madeApi(world, { authorizer: { type: 'TOKEN' } });
      return (await refusal(world.sdk.deleteAuthorizer({ restApiId, authorizerId }))).slice(0, 21);
    },
    expected: '409 ConflictException',
    basis: 'inference',
    source: 'DOC API_DeleteAuthorizer declares ConflictException, and does not say when',
    needs: ['functions'],
  },
  {
    id: 'AZ14',
    call: 'TestInvokeAuthorizer',
    what: 'tells the claims of an ID token, and refuses an access token',
    run: async (world) => {
      const { restApiId, id: authorizerId } = await created(world, COGNITO);
      const { id, access } = await world.tokens();
      const test = (Authorization: string) =>
        world.sdk.testInvokeAuthorizer({ restApiId, authorizerId, headers: { Authorization } });
      const [good, bad] = [await test(id), await test(access)];
      return [good.clientStatus, good.claims?.email, bad.clientStatus];
    },
    expected: [200, 'ada@example.com', 401],
    basis: 'docs',
    source: 'DOC API_TestInvokeAuthorizer: only ID tokens',
  },
  {
    id: 'AZ15',
    call: 'TestInvokeAuthorizer',
    what: 'tells what a function said',
    run: async (world) => {
      const { restApiId, id: authorizerId } = await created(world, TOKEN);
      const headers = { Authorization: 'context {"plan":"pro"}' };
      const { clientStatus, principalId, policy, authorization } = await world.sdk.testInvokeAuthorizer({
        restApiId,
        authorizerId,
        headers,
      });
      return [clientStatus, principalId, policy?.includes('"Allow"'), authorization];
    },
    expected: [200, 'user-1', true, { plan: ['pro'] }],
    basis: 'docs',
    source: 'DOC API_TestInvokeAuthorizer',
  },
  {
    id: 'AZ16',
    call: 'GET a deployed API',
    what: 'a pattern for user pools is matched against the audience, so access tokens have none',
    run: async (world) => {
      const { clientId } = world.sold;
      const statusWith = async (identityValidationExpression: string, kind: 'id' | 'access') => {
        const scopes = kind === 'access' ? { authorizationScopes: ['aws.cognito.signin.user.admin'] } : {};
        const authorizer = world.filled({ ...COGNITO, identityValidationExpression });
        const { path } = await madeApi(world, { authorizer, method: scopes });
        return (await world.call(path, { authorization: (await world.tokens())[kind] })).status;
      };
      return [
        await statusWith(clientId, 'id'),
        await statusWith('another', 'id'),
        await statusWith(clientId, 'access'),
      ];
    },
    expected: [200, 401, 401],
    basis: 'docs',
    source: 'DOC API_Authorizer: identityValidationExpression is matched against aud',
    needs: ['functions', 'gate'],
  },
];
