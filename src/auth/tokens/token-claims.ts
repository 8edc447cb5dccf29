import type { CognitoJwtPayload } from 'aws-jwt-verify/jwt-model';
import type { Caller } from '../caller.js';

const MAX_LIFE_SECONDS = 86_400; // Cognito's longest ID and access tokens
const SKEW_SECONDS = 60;
const SUB = /^[A-Za-z0-9-]{1,128}$/;
const USERNAME = /^[\p{L}\p{M}\p{S}\p{N}\p{P}]{1,128}$/u; // the user pool API's own pattern

export interface Jwt {
  readonly header: object;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** What aws-jwt-verify accepts and Cognito never issues; each of these was measured to pass its checks. */
export function oddityOf({ header, payload }: Jwt, nowSeconds: number): string | null {
  const { exp, iat, sub } = payload;
  const groups = payload['cognito:groups'];
  if (!('alg' in header) || header.alg !== 'RS256') return 'algorithm';
  if ('crit' in header || 'b64' in header) return 'critical header';
  if (!isTime(exp) || exp > nowSeconds + MAX_LIFE_SECONDS + SKEW_SECONDS) return 'expiry';
  if (!isTime(iat) || iat > nowSeconds + SKEW_SECONDS) return 'issued at';
  if (typeof sub !== 'string' || !SUB.test(sub)) return 'sub';
  if (groups !== undefined && !(Array.isArray(groups) && groups.every((group) => typeof group === 'string')))
    return 'groups';
  return usernameOf(payload) === null ? 'user name' : null;
}

export function callerOf(payload: CognitoJwtPayload, adminGroup: string): Caller {
  return {
    sub: payload.sub,
    username: usernameOf(payload) ?? '',
    isAdmin: payload['cognito:groups']?.includes(adminGroup) === true,
  };
}

/** Access tokens say `username`, ID tokens `cognito:username`. */
function usernameOf(payload: Readonly<Record<string, unknown>>): string | null {
  const username = payload.token_use === 'id' ? payload['cognito:username'] : payload.username;
  return typeof username === 'string' && USERNAME.test(username) ? username : null;
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
