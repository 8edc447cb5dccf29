import type { SandboxReply, SandboxRequest } from '../../http.js';
import type { SandboxClock } from '../../sandbox-clock.js';
import type { GatewayTables } from '../tables.js';
import type { Admission } from './admission.js';
import { type Call, type Caller, openCall, type RoutedCall } from './call.js';
import { authorizeByUserPool, type VerifyToken } from './cognito-authorizer.js';
import type { SandboxFunctions } from './functions.js';
import type { LambdaAuthorizer } from './lambda-authorizer.js';
import { proxyToFunction } from './lambda-proxy.js';
import { mocked } from './mock-integration.js';
import { AUTHORIZER_BROKEN, MISCONFIGURED, nothingDeployed, Refusal, rendered } from './refusal.js';
import { routed } from './routes.js';

/** The deployed APIs themselves. A call passes authorizer, key, throttles and quota, in this order, to its integration. */
export class ExecuteApi {
  constructor(
    private readonly tables: GatewayTables,
    private readonly clock: SandboxClock,
    private readonly verifyToken: VerifyToken,
    private readonly lambdaAuthorizer: LambdaAuthorizer,
    private readonly admission: Admission,
    private readonly functions: SandboxFunctions,
  ) {}

  async answer(request: SandboxRequest): Promise<SandboxReply> {
    const call = openCall(this.tables, request, this.clock.now());
    if (!call) return nothingDeployed();
    const reply = await this.reply(call);
    const ids = { 'x-amzn-requestid': call.requestId, 'x-amz-apigw-id': call.extendedRequestId };
    return { ...reply, headers: { ...ids, ...reply.headers } };
  }

  /** A refusal is worded with all that is known of the call by then. */
  private async reply(opened: Call): Promise<SandboxReply> {
    let call = opened;
    try {
      const found = routed(opened);
      call = found;
      return await this.passed(found);
    } catch (error) {
      if (error instanceof Refusal) return rendered(call, error);
      throw error;
    }
  }

  private async passed(call: RoutedCall): Promise<SandboxReply> {
    const caller = this.admission.admit(call, await this.authorize(call));
    const integration = call.method.methodIntegration;
    if (!integration) throw MISCONFIGURED();
    return integration.type === 'MOCK'
      ? mocked(integration, call, caller)
      : proxyToFunction(this.functions, integration, call, caller);
  }

  private async authorize(call: RoutedCall): Promise<Caller> {
    const { authorizationType, authorizerId = '' } = call.method;
    if (authorizationType === 'NONE') return {};
    const authorizer = call.deployment.authorizers[authorizerId];
    if (!authorizer) throw AUTHORIZER_BROKEN();
    return authorizer.type === 'COGNITO_USER_POOLS'
      ? authorizeByUserPool(this.verifyToken, authorizer, call)
      : this.lambdaAuthorizer.authorize(authorizer, call);
  }
}
