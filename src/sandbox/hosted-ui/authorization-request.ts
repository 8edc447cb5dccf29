import type { Client, Pool, Pools } from '../cognito/pools.js';

/** What an app asks of the hosted pages: who shall sign in, for which client, and where the answer goes. */
export interface AuthorizationRequest {
  readonly client: Client;
  readonly pool: Pool;
  readonly responseType: 'code' | 'token';
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  readonly state: string | null;
  readonly nonce: string | null;
  /** Of PKCE, always S256; null when the app does not use it. */
  readonly challenge: string | null;
  readonly prompt: string | null;
  readonly loginHint: string;
  /** The request once more, for the addresses of the pages that follow. */
  readonly query: string;
}

/** A request that names no client or no address of it: whoever sent it is told on a page and goes nowhere. */
export class Misdirected extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** A refusal that the app is told, at its own address. */
export class Declined extends Error {
  constructor(readonly location: string) {
    super('The authorization request is declined.');
  }
}

const PARAMETERS = [
  'client_id response_type redirect_uri scope state nonce code_challenge code_challenge_method',
  'identity_provider login_hint prompt lang',
]
  .join(' ')
  .split(' ');

const OPENID_SCOPES = ['email', 'phone', 'profile'];
const PROMPTS = ['none', 'login', 'select_account', 'consent'];

/** @throws Misdirected, Declined */
export function authorizationRequest(pools: Pools, parameters: URLSearchParams): AuthorizationRequest {
  const client = clientNamed(pools, parameters.get('client_id'));
  const redirectUri = registered(client.settings.CallbackURLs, parameters.get('redirect_uri'), 'redirect_uri');
  const state = parameters.get('state');
  const responseType = parameters.get('response_type') === 'token' ? 'token' : 'code';
  const decline = (error: string, description?: string): never => {
    const told = { error, ...(description !== undefined && { error_description: description }) };
    throw new Declined(answerTo({ redirectUri, responseType, state }, told));
  };
  refuseBadParameters(client, parameters, decline);
  const known = [...parameters].filter(([name]) => PARAMETERS.includes(name));
  return {
    client,
    pool: pools.pool(client.poolId),
    responseType,
    redirectUri,
    scopes: scopesOf(client, parameters.get('scope'), decline),
    state,
    nonce: parameters.get('nonce'),
    challenge: parameters.get('code_challenge'),
    prompt: parameters.get('prompt'),
    loginHint: parameters.get('login_hint') ?? '',
    query: new URLSearchParams(known).toString(),
  };
}

export function clientNamed(pools: Pools, clientId: string | null): Client {
  const client = pools.clients.get(clientId ?? '');
  if (!client) throw new Misdirected('invalid_request', 'There is no app client with this client_id.');
  return client;
}

/** `uri` when the client has exactly this one. @throws Misdirected */
export function registered(uris: readonly string[] | undefined, uri: string | null, parameter: string): string {
  if (!uri) throw new Misdirected('invalid_request', `The parameter ${parameter} is missing.`);
  const isKnown = uris?.includes(uri) === true;
  if (!isKnown) throw new Misdirected('redirect_mismatch', `${uri} is not an address of this app client.`);
  if (!isAcceptable(uri)) {
    throw new Misdirected(
      'redirect_mismatch',
      `${uri} must use https, unless it is on localhost, and have no fragment.`,
    );
  }
  return uri;
}

/** The app's address with an answer: of a code grant in the query, of an implicit one in the fragment. */
export function answerTo(
  { redirectUri, responseType, state }: Pick<AuthorizationRequest, 'redirectUri' | 'responseType' | 'state'>,
  answer: Readonly<Record<string, string>>,
): string {
  const url = new URL(redirectUri);
  const parameters = new URLSearchParams({ ...answer, ...(state !== null && { state }) });
  if (responseType === 'token') url.hash = parameters.toString();
  else for (const [name, value] of parameters) url.searchParams.set(name, value);
  return url.href;
}

type Decline = (error: string, description?: string) => never;

function refuseBadParameters({ settings }: Client, parameters: URLSearchParams, decline: Decline): void {
  const type = parameters.get('response_type');
  const challenge = parameters.get('code_challenge');
  const method = parameters.get('code_challenge_method');
  const provider = parameters.get('identity_provider') ?? 'COGNITO';
  const isEnabled = provider === 'COGNITO' && settings.SupportedIdentityProviders?.includes(provider);
  const flows: readonly string[] = (settings.AllowedOAuthFlowsUserPoolClient && settings.AllowedOAuthFlows) || [];
  const invalid = (description: string) => ['invalid_request', description] as const;
  const mistakes: [is: boolean, told: readonly [error: string, description?: string]][] = [
    [type === null, invalid('response_type is missing')],
    [type !== 'code' && type !== 'token', ['unsupported_response_type']],
    [!flows.includes(type === 'token' ? 'implicit' : 'code'), ['unauthorized_client']],
    [(challenge === null) !== (method === null), invalid('code_challenge and code_challenge_method belong together')],
    [method !== null && method !== 'S256', invalid('code_challenge_method must be S256')],
    [challenge !== null && !/^[\w-]{43}$/.test(challenge), invalid('code_challenge is no SHA-256 in base64url')],
    [!isEnabled, invalid('the identity provider is not enabled for this client')],
    [!PROMPTS.includes(parameters.get('prompt') ?? 'none'), invalid('prompt is not known')],
  ];
  const [, told] = mistakes.find(([is]) => is) ?? [];
  if (told) decline(...told);
}

/** Without a `scope` the app gets all that its client may have. */
function scopesOf({ settings }: Client, asked: string | null, decline: Decline): string[] {
  const allowed = settings.AllowedOAuthScopes ?? [];
  const scopes = asked === null ? allowed : [...new Set(asked.split(' ').filter(Boolean))];
  const needsOpenid = scopes.some((scope) => OPENID_SCOPES.includes(scope)) && !scopes.includes('openid');
  const isAllowed = scopes.length > 0 && scopes.every((scope) => allowed.includes(scope));
  if (!isAllowed || needsOpenid) decline('invalid_request', 'invalid_scope');
  return [...scopes];
}

function isAcceptable(uri: string): boolean {
  if (!URL.canParse(uri) || uri.includes('#')) return false;
  const { protocol, hostname } = new URL(uri);
  if (protocol === 'http:') return ['localhost', '127.0.0.1'].includes(hostname);
  return !['javascript:', 'data:', 'vbscript:', 'file:', 'blob:'].includes(protocol);
}
