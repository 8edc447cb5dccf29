import { PUBLIC_OPERATIONS } from '../cognito/public-operations.js';
import { ACCOUNT_ID } from '../gateway/rest-api/drafts.js';
import type { ServiceCall } from '../habits/service-habits.js';
import { keyArnOf } from '../kms/kms.js';

/** What IAM must allow for a call. */
export interface Need {
  readonly action: string;
  readonly resource: string;
}

/**
 * To API Gateway an action is the verb and a resource the path, both as the SDK's model of the operation has them; to
 * Cognito an action is the operation, and the resource the pool it names.
 */
export function needsOf({ service, operation, request }: ServiceCall, region: string): Need[] {
  const input = memberOf(request.body);
  if (service === 'cognito') {
    if (PUBLIC_OPERATIONS.has(operation)) return [];
    const pool = typeof input.UserPoolId === 'string' ? input.UserPoolId : '*';
    const resource = `arn:aws:cognito-idp:${region}:${ACCOUNT_ID}:userpool/${pool}`;
    return [{ action: `cognito-idp:${operation}`, resource }];
  }
  if (service === 'kms') {
    const key = typeof input.KeyId === 'string' ? input.KeyId : '*';
    return [{ action: `kms:${operation}`, resource: keyArnOf(key, region) }];
  }
  const { method, url } = request;
  const resource = gatewayArn(region, url.pathname);
  const isTagged = method === 'POST' && Object.keys(Object(input.tags)).length > 0;
  const tags = gatewayArn(region, `/tags/${encodeURIComponent(`${resource}/*`)}`); // what is made has no id yet
  return [
    { action: `apigateway:${method}`, resource },
    ...(isTagged ? [{ action: 'apigateway:PUT', resource: tags }] : []),
  ];
}

function gatewayArn(region: string, path: string): string {
  return `arn:aws:apigateway:${region}::${path}`;
}

/** The body's members; the service itself says what is wrong with a body that is none. */
function memberOf(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(body.toString('utf8')));
  } catch {
    return {};
  }
}
