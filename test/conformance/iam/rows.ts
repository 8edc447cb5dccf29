import { APIGateway } from '@aws-sdk/client-api-gateway';
import { CognitoIdentityProvider } from '@aws-sdk/client-cognito-identity-provider';
import { expect } from '@jest/globals';
import { USER_POOL_ID } from '../../../src/sandbox/seed.js';
import { Sandbox } from '../../../src/sandbox/server.js';
import type { Cloud } from '../cloud.js';
import { refusal } from '../gateway-rows.js';
import type * as row from '../row.js';

type Row = row.Row<World>;

const ARN = 'DOC arn-format-reference';
const EVALUATION = 'DOC IAM reference_policies_evaluation-logic';
const ELEMENTS = 'DOC IAM reference_policies_elements_action, _resource';
const WORDS = 'DOC IAM troubleshoot_access-denied: the examples of messages';

const allow = (Action: string | string[], Resource: string | string[]) => ({ Effect: 'Allow', Action, Resource });
const deny = (Action: string, Resource: string) => ({ Effect: 'Deny', Action, Resource });
const policy = (...Statement: object[]) => ({ Version: '2012-10-17', Statement });
const gateway = (path: string) => `arn:aws:apigateway:us-east-1::${path}`;

const VARIABLE = ['$', '{aws:username}'].join('');
const POOL = `arn:aws:cognito-idp:us-east-1:*:userpool/${USER_POOL_ID}`;

const POLICIES = {
  nothing: policy(),
  lister: policy(allow('apigateway:GET', gateway('/apikeys'))),
  keeper: policy(allow(['apigateway:GET', 'apigateway:DELETE', 'APIGATEWAY:post'], gateway('/apikey?*'))),
  planner: policy(allow('apigateway:*', gateway('/usageplans*'))),
  tagger: [
    policy(allow('apigateway:*', gateway('/usageplans*'))),
    policy(allow('apigateway:PUT', gateway('/tags/*')), allow('apigateway:DELETE', gateway('/tags/*'))),
  ],
  denied: policy(allow('*', '*'), deny('apigateway:DELETE', gateway('/apikeys/*'))),
  reader: policy(allow('cognito-idp:Admin*', POOL)),
};
type Name = keyof typeof POLICIES;

/** A sandbox some of whose callers have a policy, called by the access key id. */
class World {
  constructor(
    private readonly cloud: Cloud,
    private readonly sandbox: Sandbox,
  ) {}

  as(name: Name | 'anybody else'): { gateway: APIGateway; cognito: CognitoIdentityProvider } {
    this.cloud.take('insides');
    const credentials = { accessKeyId: name.replaceAll(' ', '-'), secretAccessKey: 'any' };
    const how = { region: 'us-east-1', endpoint: this.sandbox.url, credentials, maxAttempts: 1 };
    return { gateway: new APIGateway(how), cognito: new CognitoIdentityProvider(how) };
  }

  async key(): Promise<string> {
    const { id = '' } = await this.as('anybody else').gateway.createApiKey({ name: 'made' });
    return id;
  }
}

export async function openUnderPolicies(cloud: Cloud): Promise<World> {
  const sandbox = await Sandbox.start({ port: 0, directory: null, policies: POLICIES });
  cloud.onClose(() => sandbox.close());
  return new World(cloud, sandbox);
}

/** Each call's refusal without the words behind the exception's name. */
async function kinds(calls: readonly Promise<unknown>[]): Promise<string[]> {
  const answers = await Promise.all(calls.map(refusal));
  return answers.map((answer) => answer.split(':')[0] ?? '');
}

const NO = '403 AccessDeniedException';
const TAGS = { 'turnpike:plan': 'x' };

const GATEWAY_ROWS: readonly Row[] = [
  {
    id: 'IAM1',
    call: 'GetApiKeys without the right',
    what: 'is refused with 403, and the message names caller, action and resource',
    run: (world) => refusal(world.as('nothing').gateway.getApiKeys({})),
    expected:
      '403 AccessDeniedException: User: arn:aws:iam::{account}:user/nothing is not authorized to perform: apigateway:GET on resource: arn:aws:apigateway:us-east-1::/apikeys because no identity-based policy allows the apigateway:GET action',
    basis: 'docs',
    source: `${WORDS}; ${ARN}`,
    needs: ['insides'],
  },
  {
    id: 'IAM2',
    call: 'GetApiKeys, GetApiKey, CreateApiKey',
    what: 'the action is the verb and the resource the path: a right to list is none to read one or to make one',
    run: async (world) => {
      const { gateway } = world.as('lister');
      const apiKey = await world.key();
      return kinds([gateway.getApiKeys({}), gateway.getApiKey({ apiKey }), gateway.createApiKey({ name: 'x' })]);
    },
    expected: ['accepted', NO, NO],
    basis: 'docs',
    source: ARN,
    needs: ['insides'],
  },
  {
    id: 'IAM3',
    call: 'GetApiKey, DeleteApiKey, CreateApiKey',
    what: 'stars and question marks stand for any characters in a resource; actions are the same in any case',
    run: async (world) => {
      const { gateway } = world.as('keeper');
      const apiKey = await world.key();
      const made = gateway.createApiKey({ name: 'x' });
      return [
        ...(await kinds([gateway.getApiKey({ apiKey }), made])),
        ...(await kinds([gateway.deleteApiKey({ apiKey })])),
      ];
    },
    expected: ['accepted', 'accepted', 'accepted'],
    basis: 'docs',
    source: ELEMENTS,
    needs: ['insides'],
  },
  {
    id: 'IAM4',
    call: 'CreateUsagePlan with and without tags',
    what: 'tags on creation need PUT on /tags/* besides',
    run: async (world) => {
      const { gateway } = world.as('planner');
      const plain = await refusal(gateway.createUsagePlan({ name: 'x' }));
      return [plain, await refusal(gateway.createUsagePlan({ name: 'x', tags: TAGS }))];
    },
    expected: [
      'accepted',
      '403 AccessDeniedException: User: arn:aws:iam::{account}:user/planner is not authorized to perform: apigateway:PUT on resource: arn:aws:apigateway:us-east-1::/tags/arn%3Aaws%3Aapigateway%3Aus-east-1%3A%3A%2Fusageplans%2F* because no identity-based policy allows the apigateway:PUT action',
    ],
    basis: 'field',
    source: 'users of deployment tools report PUT on /tags/arn%3Aaws%3Aapigateway…; the end of that ARN is our guess',
    needs: ['insides'],
  },
  {
    id: 'IAM5',
    call: 'CreateUsagePlan, UntagResource',
    what: 'several policies of one caller add up',
    run: async (world) => {
      const { gateway } = world.as('tagger');
      const { id } = await gateway.createUsagePlan({ name: 'x', tags: TAGS });
      const resourceArn = `arn:aws:apigateway:us-east-1::/usageplans/${id}`;
      await gateway.untagResource({ resourceArn, tagKeys: Object.keys(TAGS) });
      return (await gateway.getUsagePlan({ usagePlanId: id })).tags ?? {};
    },
    expected: {},
    basis: 'docs',
    source: EVALUATION,
    needs: ['insides'],
  },
  {
    id: 'IAM6',
    call: 'DeleteApiKey',
    what: 'a Deny wins over any Allow, and the key is still there',
    run: async (world) => {
      const { gateway } = world.as('denied');
      const apiKey = await world.key();
      return [await refusal(gateway.deleteApiKey({ apiKey })), (await gateway.getApiKey({ apiKey })).id === apiKey];
    },
    expected: [
      expect.stringMatching(
        /^403 AccessDeniedException: .* on resource: .*\/apikeys\/\w+ with an explicit deny in an identity-based policy$/,
      ),
      true,
    ],
    basis: 'docs',
    source: `${EVALUATION}; ${WORDS}`,
    needs: ['insides'],
  },
  {
    id: 'IAM7',
    call: 'DeleteApiKey of a key that does not exist',
    what: 'is refused for want of the right before anybody looks',
    run: (world) => kinds([world.as('lister').gateway.deleteApiKey({ apiKey: 'nosuchkey0' })]),
    expected: [NO],
    basis: 'docs',
    source: EVALUATION,
    needs: ['insides'],
  },
];

const COGNITO_ROWS: readonly Row[] = [
  {
    id: 'IAM8',
    call: 'ListUsers without the right',
    what: 'is refused with 400; the resource is the pool',
    run: async (world) =>
      (await refusal(world.as('reader').cognito.listUsers({ UserPoolId: USER_POOL_ID }))).replace(USER_POOL_ID, 'POOL'),
    expected:
      '400 AccessDeniedException: User: arn:aws:iam::{account}:user/reader is not authorized to perform: cognito-idp:ListUsers on resource: arn:aws:cognito-idp:us-east-1:{account}:userpool/POOL because no identity-based policy allows the cognito-idp:ListUsers action',
    basis: 'docs',
    source: `DOC list_amazoncognitouserpools; CommonErrors: 400; ${WORDS}`,
    needs: ['insides'],
  },
  {
    id: 'IAM9',
    call: 'AdminGetUser',
    what: 'is allowed on the pool that the policy names, and on no other one',
    run: async (world) => {
      const { cognito } = world.as('reader');
      const ask = (UserPoolId: string) => cognito.adminGetUser({ UserPoolId, Username: 'ada@example.com' });
      return kinds([ask(USER_POOL_ID), ask('us-east-1_Another01')]);
    },
    expected: ['accepted', '400 AccessDeniedException'],
    basis: 'docs',
    source: 'DOC list_amazoncognitouserpools',
    needs: ['insides'],
  },
  {
    id: 'IAM10',
    call: 'ListUserPools',
    what: 'names no pool, so that no right on one pool is enough',
    run: (world) => kinds([world.as('reader').cognito.listUserPools({ MaxResults: 1 })]),
    expected: ['400 AccessDeniedException'],
    basis: 'docs',
    source: 'DOC list_amazoncognitouserpools: no resource type',
    needs: ['insides'],
  },
  {
    id: 'IAM11',
    call: 'GetUser, with a token that is none',
    what: 'is for users, not for IAM: no policy stands before it',
    run: (world) => kinds([world.as('nothing').cognito.getUser({ AccessToken: 'none' })]),
    expected: ['400 NotAuthorizedException'],
    basis: 'docs',
    source: 'DOC user-pools-API-operations: unauthenticated and token-authorized operations',
    needs: ['insides'],
  },
];

const OTHER_ROWS: readonly Row[] = [
  {
    id: 'IAM12',
    call: 'both services, by a caller without a policy in the sandbox',
    what: 'everything is allowed: a sandbox is not an account',
    run: async (world) => {
      const { gateway, cognito } = world.as('anybody else');
      return kinds([gateway.getApiKeys({}), cognito.listUsers({ UserPoolId: USER_POOL_ID })]);
    },
    expected: ['accepted', 'accepted'],
    basis: 'inference',
    source: 'our choice: on AWS a caller without a policy may do nothing',
    needs: ['insides'],
  },
  ...[
    { what: 'a Condition', statement: { ...allow('apigateway:GET', '*'), Condition: { Bool: { x: 'true' } } } },
    { what: 'a NotAction', statement: { Effect: 'Allow', NotAction: 'apigateway:GET', Resource: '*' } },
    { what: 'a policy variable', statement: allow('apigateway:GET', gateway(`/apikeys/${VARIABLE}`)) },
    { what: 'a resource that is no ARN', statement: allow('apigateway:GET', '/apikeys') },
  ].map(
    ({ what, statement }, at): Row => ({
      id: `IAM${13 + at}`,
      call: 'Sandbox.start',
      what: `a policy with ${what} is refused, not judged without it`,
      run: async (world) => {
        world.as('nothing');
        const started = Sandbox.start({ port: 0, directory: null, policies: { x: policy(statement) } });
        return started.then(
          () => 'started',
          (error: Error) => error.message.split(':')[0],
        );
      },
      expected: 'The sandbox cannot enforce this policy',
      basis: 'inference',
      source: 'our choice: the sandbox knows a part of IAM',
      needs: ['insides'],
    }),
  ),
];

export const IAM: readonly row.Section<World>[] = [
  { title: 'API Gateway', rows: GATEWAY_ROWS },
  { title: 'Cognito', rows: COGNITO_ROWS },
  { title: 'the sandbox’s own manners', rows: OTHER_ROWS },
];
