import type { Authorizer, Method } from '../rest-api/definition.js';
import type { Caller, RoutedCall } from './call.js';
import { Refusal, UNAUTHORIZED } from './refusal.js';

/** What a Cognito authorizer needs to know of a token. */
export type VerifyToken = (
  poolId: string,
  token: string,
) => { ok: true; claims: Record<string, unknown> } | { ok: false; expired: boolean };

/** Lets callers in by a user pool's token; like API Gateway it knows nothing of revocation. */
export function authorizeByUserPool(verifyToken: VerifyToken, authorizer: Authorizer, call: RoutedCall): Caller {
  const token = bearerOf(authorizer.identitySource, call.request.headers);
  if (!token) throw UNAUTHORIZED();
  const claims = claimsOf(verifyToken, authorizer, token);
  if (!allows(call.method, claims)) throw UNAUTHORIZED();
  return { claims };
}

/** The claims of a token that one of the authorizer's pools has signed, for the audience it expects. */
export function claimsOf(verifyToken: VerifyToken, authorizer: Authorizer, token: string): Record<string, unknown> {
  const pools = (authorizer.providerARNs ?? []).map((arn) => arn.split('/').at(-1) ?? '');
  const results = pools.map((poolId) => verifyToken(poolId, token));
  const verified = results.find((result) => result.ok);
  if (!verified) {
    const isExpired = results.some((result) => !result.ok && result.expired);
    if (isExpired) throw new Refusal('UNAUTHORIZED', 'UnauthorizedException', 'The incoming token has expired');
    throw UNAUTHORIZED();
  }
  const { identityValidationExpression: audience } = authorizer;
  if (audience && !new RegExp(`^(?:${audience})$`).test(String(verified.claims.aud ?? ''))) throw UNAUTHORIZED();
  return verified.claims;
}

/** The token in the authorizer's header, raw or after `Bearer`. */
function bearerOf(identitySource = '', headers: Readonly<Record<string, string>>): string {
  const header = identitySource.replace(/^method\.request\.header\./, '').toLowerCase();
  return (headers[header] ?? '').replace(/^Bearer /, '');
}

/** Without scopes a method wants an ID token; with scopes an access token that has one of them. */
function allows({ authorizationScopes = [] }: Method, claims: Record<string, unknown>): boolean {
  if (authorizationScopes.length === 0) return claims.token_use === 'id';
  const held = typeof claims.scope === 'string' ? claims.scope.split(' ') : [];
  return claims.token_use === 'access' && held.some((scope) => authorizationScopes.includes(scope));
}
