import { createHash, timingSafeEqual } from 'node:crypto';
import type { AuthenticationResultType } from '@aws-sdk/client-cognito-identity-provider';
import { readable, within } from '../cognito/attributes.js';
import type { Cognito } from '../cognito/cognito.js';
import type { Client } from '../cognito/pools.js';
import { poolNamedBy } from '../cognito/tokens.js';
import type { SandboxReply, SandboxRequest } from '../http.js';
import { ServiceFailure } from '../wire.js';
import type { Grants } from './grants.js';

/** A refusal in the words of OAuth. */
class OAuthError extends Error {
  constructor(
    readonly code: string,
    readonly description?: string,
    readonly status = 400,
  ) {
    super(code);
  }
}

/** What apps call themselves, from pages of any origin: tokens for a code or a refresh token, and what tokens open. */
export class TokenEndpoints {
  constructor(
    private readonly cognito: Cognito,
    private readonly grants: Grants,
  ) {}

  /** `POST /oauth2/token` */
  token(request: SandboxRequest): Promise<SandboxReply> {
    return answered(async () => {
      const form = formOf(request);
      const client = this.clientOf(request, form);
      const grantType = required(form, 'grant_type');
      if (!client.settings.AllowedOAuthFlowsUserPoolClient) throw new OAuthError('unauthorized_client');
      if (grantType === 'authorization_code') return json(200, shownTokens(await this.byCode(client, form)));
      if (grantType !== 'refresh_token') throw new OAuthError('unsupported_grant_type');
      const refreshToken = required(form, 'refresh_token');
      return json(200, shownTokens(await this.cognito.sessions.renew(client, refreshToken)));
    });
  }

  /** `GET` or `POST /oauth2/userInfo` */
  userInfo({ headers }: SandboxRequest): SandboxReply {
    const token = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
    if (token === undefined) return challenged(400, 'invalid_request', 'Bad OAuth2 request at UserInfo Endpoint');
    try {
      const { user, client } = this.cognito.sessions.authenticated(token, 'openid');
      const verdict = this.cognito.verify(poolNamedBy(token), token);
      const scopes = verdict.ok ? String(verdict.claims.scope).split(' ') : [];
      return json(200, { ...within(scopes, readable(client, user)), username: user.username });
    } catch (error) {
      if (!(error instanceof ServiceFailure)) throw error;
      return challenged(
        401,
        'invalid_token',
        'Access token is expired, disabled, or deleted, or lacks the scope openid.',
      );
    }
  }

  /** `POST /oauth2/revoke` */
  revoke(request: SandboxRequest): Promise<SandboxReply> {
    return answered(async () => {
      const form = formOf(request);
      const client = this.clientOf(request, form, 401);
      const Token = required(form, 'token');
      const secret = client.secret === null ? {} : { ClientSecret: client.secret };
      this.cognito.operations.RevokeToken({ Token, ClientId: client.id, ...secret });
      return { ...json(200, null), body: '' };
    });
  }

  private byCode(client: Client, form: URLSearchParams): Promise<AuthenticationResultType> {
    if (!client.settings.AllowedOAuthFlows?.includes('code')) throw new OAuthError('unauthorized_client');
    const [code, redirectUri] = [required(form, 'code'), required(form, 'redirect_uri')];
    return this.grants.redeem(client, { code, redirectUri, verifier: form.get('code_verifier') });
  }

  /** By a Basic header, or by the form. */
  private clientOf({ headers }: SandboxRequest, form: URLSearchParams, status = 400): Client {
    const basic = /^Basic +([\w+/=-]+)$/i.exec(headers.authorization ?? '')?.[1];
    const sent = basic === undefined ? inForm(form) : inHeader(basic);
    if (sent.id === null) throw new OAuthError('invalid_request');
    const client = this.cognito.pools.clients.get(sent.id);
    if (!client || !isSame(client.secret ?? '', sent.secret)) throw new OAuthError('invalid_client', undefined, status);
    return client;
  }
}

export function preflight({ headers }: SandboxRequest): SandboxReply {
  const allowed = {
    'access-control-allow-origin': '*',
    'access-control-allow-methods': 'GET,POST',
    'access-control-allow-headers': headers['access-control-request-headers'] ?? '',
    'access-control-max-age': '172800',
  };
  return { status: 200, headers: allowed };
}

async function answered(work: () => Promise<SandboxReply>): Promise<SandboxReply> {
  try {
    return await work();
  } catch (error) {
    const { code, description, status } = inOAuth(error);
    return json(status, { error: code, ...(description !== undefined && { error_description: description }) });
  }
}

const IN_OAUTH: Readonly<Record<string, string>> = {
  UnsupportedTokenTypeException: 'unsupported_token_type',
  UnsupportedOperationException: 'invalid_request',
  UnauthorizedException: 'invalid_client',
};

/** A trigger that fails tells the app so; all other refusals are of what was to be redeemed. */
function inOAuth(error: unknown): OAuthError {
  if (error instanceof OAuthError) return error;
  if (!(error instanceof ServiceFailure) || error.status >= 500) throw error;
  if (error.type.includes('Lambda')) return new OAuthError('invalid_request', error.message);
  return new OAuthError(IN_OAUTH[error.type] ?? 'invalid_grant');
}

function formOf({ headers, body }: SandboxRequest): URLSearchParams {
  const isForm = /^application\/x-www-form-urlencoded *(;|$)/i.test(headers['content-type'] ?? '');
  if (!isForm) throw new OAuthError('invalid_request');
  return new URLSearchParams(body.toString('utf8'));
}

function required(form: URLSearchParams, name: string): string {
  const value = form.get(name);
  if (!value) throw new OAuthError('invalid_request');
  return value;
}

function inForm(form: URLSearchParams) {
  return { id: form.get('client_id'), secret: form.get('client_secret') ?? '' };
}

/** Each half is form-encoded, as OAuth wants it. */
function inHeader(basic: string) {
  const [id = '', ...secret] = Buffer.from(basic, 'base64').toString('utf8').split(':');
  const decoded = (text: string) => new URLSearchParams(`v=${text.replaceAll('&', '%26')}`).get('v') ?? '';
  return { id: decoded(id), secret: decoded(secret.join(':')) };
}

function isSame(expected: string, sent: string): boolean {
  const [a, b] = [expected, sent].map((text) => createHash('sha256').update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}

function shownTokens({ IdToken, AccessToken, RefreshToken, ExpiresIn, TokenType }: AuthenticationResultType) {
  return {
    id_token: IdToken,
    access_token: AccessToken,
    refresh_token: RefreshToken,
    expires_in: ExpiresIn,
    token_type: TokenType,
  };
}

function challenged(status: number, error: string, description: string): SandboxReply {
  const reply = json(status, { error, error_description: description });
  const told = `error="${error}", error_description="${description}"`;
  return { ...reply, headers: { ...reply.headers, 'www-authenticate': told } };
}

function json(status: number, value: unknown): SandboxReply {
  const headers = {
    'content-type': 'application/json;charset=UTF-8',
    'cache-control': 'no-store',
    'access-control-allow-origin': '*',
    'access-control-expose-headers': 'www-authenticate',
  };
  return { status, headers, body: JSON.stringify(value) };
}
