import type { Call, Caller, RoutedCall } from './call.js';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const DATE_CLAIMS = ['exp', 'iat'];

/** The `requestContext` that functions are given. */
export function requestContext(call: RoutedCall, caller: Caller) {
  const { request, stage, at } = call;
  const authorizer = authorizerOf(caller);
  return {
    resourceId: call.resource.id,
    ...(authorizer && { authorizer }),
    resourcePath: call.resource.path,
    httpMethod: request.method,
    extendedRequestId: call.extendedRequestId,
    requestTime: requestTime(at),
    path: `/${stage.stageName}${call.path}`,
    accountId: '000000000000',
    protocol: 'HTTP/1.1',
    stage: stage.stageName,
    domainPrefix: call.apiId,
    requestTimeEpoch: at.getTime(),
    requestId: call.requestId,
    identity: identityOf(call, caller),
    domainName: `${call.apiId}.execute-api.us-east-1.amazonaws.com`,
    deploymentId: call.deployment.id,
    apiId: call.apiId,
  };
}

/** Key and key id are there only where the method required a key. */
export function identityOf({ request }: Call, { key }: Caller) {
  return {
    cognitoIdentityPoolId: null,
    accountId: null,
    cognitoIdentityId: null,
    caller: null,
    sourceIp: '127.0.0.1',
    principalOrgId: null,
    accessKey: null,
    cognitoAuthenticationType: null,
    cognitoAuthenticationProvider: null,
    userArn: null,
    ...(key && { apiKey: key.value, apiKeyId: key.id }),
    userAgent: request.headers['user-agent'] ?? null,
    user: null,
  };
}

/** A user pool's claims, all of them strings; or what a function said of the caller. */
export function authorizerOf({ claims, principalId, context }: Caller) {
  if (claims)
    return { claims: Object.fromEntries(Object.entries(claims).map(([name, value]) => [name, claim(name, value)])) };
  return principalId === undefined ? undefined : { ...context, principalId, integrationLatency: 0 };
}

function claim(name: string, value: unknown): string {
  if (DATE_CLAIMS.includes(name) && typeof value === 'number') return dateText(new Date(value * 1000));
  if (Array.isArray(value))
    return value.map((item) => (typeof item === 'object' ? JSON.stringify(item) : item)).join(',');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** `Tue Apr 04 18:39:39 UTC 2023` */
function dateText(date: Date): string {
  const [month, weekday] = [MONTHS[date.getUTCMonth()], DAYS[date.getUTCDay()]];
  const time = date.toISOString().slice(11, 19);
  return `${weekday} ${month} ${two(date.getUTCDate())} ${time} UTC ${date.getUTCFullYear()}`;
}

/** `10/Jul/2024:12:28:36 +0000` */
export function requestTime(at: Date): string {
  return `${two(at.getUTCDate())}/${MONTHS[at.getUTCMonth()]}/${at.getUTCFullYear()}:${at.toISOString().slice(11, 19)} +0000`;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
