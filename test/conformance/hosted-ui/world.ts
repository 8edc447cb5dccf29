import { createHash } from 'node:crypto';
import { Cognito } from '../../../src/sandbox/cognito/cognito.js';
import { hashPassword } from '../../../src/sandbox/cognito/passwords.js';
import type { SeedClient } from '../../../src/sandbox/cognito/seeds.js';
import { HostedUi } from '../../../src/sandbox/hosted-ui/hosted-ui.js';
import { listen } from '../../../src/sandbox/http.js';
import { SandboxClock } from '../../../src/sandbox/sandbox-clock.js';
import { Store } from '../../../src/sandbox/store.js';
import { alertIn, Browser, type Seen, titleOf } from '../../support/browser.js';
import type { Cloud } from '../cloud.js';
import type * as row from '../row.js';

/** One fact about the pages and endpoints of a user pool's domain. */
export type Row = row.Row<HostedWorld>;
export type Section = row.Section<HostedWorld>;

export const POOL = 'us-east-1_Hosted001';
export const NAMES = 'us-east-1_Hosted002';
export const PASSWORD = 'Turnpike-1';
export const APP = 'https://app.example.com/back?tenant=1';
export const LEFT = 'https://app.example.com/bye';
export const VERIFIER = 'a-verifier-that-is-long-enough-to-be-one-0123456789';
export const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');

export type Parameters = Readonly<Record<string, string | undefined>>;

/** A domain with two pools and a client for each thing a client can be allowed. */
export class HostedWorld {
  readonly clock = new SandboxClock();
  readonly store = new Store(null);
  readonly cognito = new Cognito(this.store, this.clock, undefined, {
    [NAMES]: {
      PreTokenGeneration: () => {
        throw new Error('Not today');
      },
    },
  });
  private people = 0;

  private constructor(
    readonly cloud: Cloud | null,
    readonly password: { readonly hash: string },
  ) {}

  private server = { port: 0, close: async (): Promise<void> => {} };

  static async open(cloud: Cloud): Promise<HostedWorld> {
    const world = await HostedWorld.start(cloud);
    cloud.onClose(() => world.close());
    return world;
  }

  static async start(cloud: Cloud | null = null): Promise<HostedWorld> {
    const world = new HostedWorld(cloud, { hash: await hashPassword(PASSWORD) });
    const hostedUi = new HostedUi(world.cognito);
    world.server = await listen(0, async (request) => (await hostedUi.answer(request)) ?? { status: 404 });
    await seeded(world.cognito);
    return world;
  }

  get origin(): string {
    this.cloud?.take('pages');
    return `http://127.0.0.1:${this.server.port}`;
  }

  browser(): Browser {
    return new Browser(this.origin, (url, init) => this.fetch(url, init));
  }

  close(): Promise<void> {
    return this.server.close();
  }

  async someone(attributes: Record<string, string> = {}, poolId = POOL) {
    this.people += 1;
    const username = `someone-${this.people}@example.com`;
    const all = { email: username, ...attributes };
    const sub = await this.cognito.seedUser({ poolId, username, password: this.password, attributes: all });
    return { username, sub, at: { UserPoolId: poolId, Username: username } };
  }

  authorize(parameters: Parameters = {}, visitor = this.browser()) {
    return visitor.open(asked(parameters));
  }

  async entered(parameters: Parameters = {}, visitor = this.browser(), who?: { username: string }) {
    const { username } = who ?? (await this.someone());
    const login = await this.authorize(parameters, visitor);
    const home = await visitor.submit(login, '/login', { username, password: PASSWORD });
    return { home, visitor, username, code: home.url.searchParams.get('code') ?? '' };
  }

  async post(path: string, form: Parameters, headers: Record<string, string> = {}) {
    const given = Object.entries(form).filter((pair): pair is [string, string] => pair[1] !== undefined);
    const body = new URLSearchParams(given).toString();
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    const reply = await this.fetch(`${this.origin}${path}`, { method: 'POST', body, headers: { ...type, ...headers } });
    const text = await reply.text();
    const json = (text === '' ? {} : JSON.parse(text)) as Record<string, string>;
    return { status: reply.status, headers: reply.headers, json, told: [reply.status, text === '' ? '' : json] };
  }

  redeem(form: Parameters, headers = {}) {
    const grant = { grant_type: 'authorization_code', client_id: 'website', redirect_uri: APP };
    return this.post('/oauth2/token', { ...grant, ...form }, headers);
  }

  refresh(token = '', client_id = 'website') {
    return this.post('/oauth2/token', { grant_type: 'refresh_token', refresh_token: token, client_id });
  }

  async tokens(parameters: Parameters = {}, who?: { username: string }) {
    const { code } = await this.entered(parameters, undefined, who);
    return (await this.redeem({ code, ...(parameters.client_id && { client_id: parameters.client_id }) })).json;
  }

  async userInfo(token: string | undefined) {
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const reply = await this.fetch(`${this.origin}/oauth2/userInfo`, { headers });
    return { status: reply.status, json: (await reply.json()) as Record<string, string>, headers: reply.headers };
  }

  fetch(url: string, init: RequestInit): Promise<Response> {
    return this.cloud ? this.cloud.fetch(url, init) : fetch(url, init);
  }
}

function seedClient(
  cognito: Cognito,
  clientId: string,
  settings: SeedClient['settings'] = {},
  more: Partial<SeedClient> = {},
): void {
  const hosted: SeedClient['settings'] = {
    SupportedIdentityProviders: ['COGNITO'],
    AllowedOAuthFlowsUserPoolClient: true,
    AllowedOAuthFlows: ['code', 'implicit'],
    AllowedOAuthScopes: ['openid', 'email', 'phone', 'aws.cognito.signin.user.admin'],
    CallbackURLs: [APP, 'http://localhost:3000', 'myapp://signed-in', 'http://app.example.com/', `${APP}#x`],
    LogoutURLs: [LEFT],
    PreventUserExistenceErrors: 'ENABLED',
  };
  cognito.seedClient({ poolId: POOL, clientId, name: '<Pets & Co>', settings: { ...hosted, ...settings }, ...more });
}

async function seeded(cognito: Cognito): Promise<void> {
  await cognito.seedPool({ id: POOL, name: 'hosted' });
  await cognito.seedPool({ id: NAMES, name: 'names', settings: { UsernameAttributes: [] } });
  seedClient(cognito, 'website');
  seedClient(cognito, 'other');
  seedClient(cognito, 'codeonly', { AllowedOAuthFlows: ['code'] });
  seedClient(cognito, 'implicitonly', { AllowedOAuthFlows: ['implicit'] });
  seedClient(cognito, 'switchedoff', { AllowedOAuthFlowsUserPoolClient: false });
  seedClient(cognito, 'withoutusers', { SupportedIdentityProviders: [] });
  seedClient(cognito, 'secretive', {}, { secret: 'not so:secret&' });
  seedClient(cognito, 'rotating', { RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: 0 } });
  seedClient(cognito, 'unrevocable', { EnableTokenRevocation: false });
  seedClient(cognito, 'names', {}, { poolId: NAMES });
}

export function asked(parameters: Parameters = {}): string {
  const all = { client_id: 'website', response_type: 'code', redirect_uri: APP, scope: 'openid email', ...parameters };
  const given = Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return `/oauth2/authorize?${new URLSearchParams(given)}`;
}

/** Where the browser ends: an address elsewhere, or the title of a page with what it announces. */
export function end(seen: Seen): unknown {
  return seen.status === 0 ? seen.url.href : [seen.status, titleOf(seen), alertIn(seen)];
}

export const basic = (id: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
});
