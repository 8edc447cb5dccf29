import type * as sdk from '@aws-sdk/client-api-gateway';
import type { SandboxClock } from '../../sandbox-clock.js';
import type { Authorizers } from '../rest-api/authorizers.js';
import type { Authorizer, Deployment, RestApiRecord, Stage } from '../rest-api/definition.js';
import type { Drafts } from '../rest-api/drafts.js';
import type { Stages } from '../rest-api/stages.js';
import { callOf, type RoutedCall } from './call.js';
import { claimsOf, type VerifyToken } from './cognito-authorizer.js';
import type { LambdaAuthorizer } from './lambda-authorizer.js';
import { Refusal, UNAUTHORIZED } from './refusal.js';
import { mappedValue } from './variables.js';

/** Tries an authorizer as it is drawn up, without a deployment and without remembering the result. */
export class TestInvokeAuthorizer {
  readonly operations = {
    TestInvokeAuthorizer: (input: sdk.TestInvokeAuthorizerCommandInput) => this.run(input),
    FlushStageAuthorizersCache: ({ restApiId, stageName }: sdk.FlushStageAuthorizersCacheCommandInput) =>
      this.lambdaAuthorizer.flush(restApiId ?? '', this.stages.existing(restApiId, stageName).stageName),
  };

  constructor(
    private readonly drafts: Drafts,
    private readonly authorizers: Authorizers,
    private readonly stages: Stages,
    private readonly lambdaAuthorizer: LambdaAuthorizer,
    private readonly verifyToken: VerifyToken,
    private readonly clock: SandboxClock,
  ) {}

  private async run(input: sdk.TestInvokeAuthorizerCommandInput) {
    const authorizer = this.authorizers.existing(input.restApiId, input.authorizerId);
    const call = testCall(this.drafts.api(input.restApiId), input, this.clock.now());
    try {
      return { clientStatus: 200, log: '', latency: 0, ...(await this.outcome(authorizer, call)) };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { clientStatus: error.responseType === 'UNAUTHORIZED' ? 401 : 500, log: error.message, latency: 0 };
    }
  }

  private async outcome(authorizer: Authorizer, call: RoutedCall) {
    if (authorizer.type === 'COGNITO_USER_POOLS') return { claims: this.idClaims(authorizer, call) };
    const fresh = { ...authorizer, authorizerResultTtlInSeconds: 0 };
    const { principalId, policyDocument, context = {} } = await this.lambdaAuthorizer.output(fresh, call);
    const authorization = Object.fromEntries(Object.entries(context).map(([name, value]) => [name, [value]]));
    return { principalId, policy: JSON.stringify(policyDocument), authorization };
  }

  /** Only ID tokens can be tried. */
  private idClaims(authorizer: Authorizer, call: RoutedCall): Record<string, string> {
    const token = mappedValue(authorizer.identitySource ?? '', { call })?.replace(/^Bearer /, '') ?? '';
    const claims = claimsOf(this.verifyToken, authorizer, token);
    if (claims.token_use !== 'id') throw UNAUTHORIZED();
    return Object.fromEntries(Object.entries(claims).map(([name, value]) => [name, String(value)]));
  }
}

function testCall(api: RestApiRecord, input: sdk.TestInvokeAuthorizerCommandInput, at: Date): RoutedCall {
  const headers = Object.entries(input.headers ?? {});
  const request = {
    method: 'GET',
    url: new URL(input.pathWithQueryString ?? '/', 'http://127.0.0.1'),
    headers: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value])),
    rawHeaders: headers.flat(),
    body: Buffer.from(input.body ?? ''),
  };
  const createdDate = 0;
  const variables = input.stageVariables;
  const stage: Stage = { stageName: 'test', deploymentId: '', createdDate, lastUpdatedDate: 0, tags: {}, variables };
  const deployment: Deployment = { id: '', createdDate, resources: api.resources, authorizers: api.authorizers };
  const resource = { id: api.rootResourceId, path: '/', resourceMethods: {} };
  const method = { httpMethod: 'GET', authorizationType: 'CUSTOM', apiKeyRequired: false };
  const call = callOf(api, stage, deployment, request, request.url.pathname, at);
  return { ...call, resource, method, pathParameters: {} };
}
