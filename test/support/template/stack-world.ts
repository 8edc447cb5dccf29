import { createHash, randomBytes } from 'node:crypto';
import {
  APIGatewayClient,
  DeleteUsagePlanCommand,
  GetApiKeysCommand,
  GetUsagePlansCommand,
  UpdateUsagePlanCommand,
} from '@aws-sdk/client-api-gateway';
import { AdminGetUserCommand, CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Preflight } from '../../../src/operation/preflight/preflight.service.js';
import type { SandboxFunction } from '../../../src/sandbox/gateway/data-plane/functions.js';
import type { Policies } from '../../../src/sandbox/iam/iam.js';
import { REGION } from '../../../src/sandbox/seed.js';
import { Sandbox } from '../../../src/sandbox/server.js';
import { Browser, type Seen } from '../browser.js';
import { SandboxTime } from '../sandbox-time.js';
import { claimsOf, environment, startApp } from '../world.js';
import { CHOSEN } from './deployed.js';
import { Stack } from './stack.js';
import { readTemplate, type Template } from './template-file.js';

export const TEMPLATE = 'infra/template.yaml';
const PASSWORD = 'Turnpike-12';
const CREDENTIALS = { accessKeyId: 'cloudformation', secretAccessKey: 'any' };
/** One server is all there is here, and it asks as fast as it can: how AWS's rates are shared has tests of its own. */
const ALONE = { AWS_RATE_FACTOR: '1000', PROCESS_COUNT: '1' };
/** What Lambda itself makes of these, and a test must not make of its own process. */
const NOT_FOR_TESTS = ['NODE_ENV', 'NODE_OPTIONS'];

const WELCOMING = { 'lambda.postConfirmation': async (event: never) => event };

export interface StackOptions {
  readonly parameters?: Readonly<Record<string, string>>;
  /** Makes a mistake in the template before it is deployed. */
  readonly change?: (template: Template) => void;
  /** What stands for the code of the bundle, by handler; a trigger that nothing stands for lets everybody in. */
  readonly handlers?: Readonly<Record<string, SandboxFunction>>;
  readonly policies?: Policies;
  readonly overrides?: Readonly<Record<string, string>>;
}

export interface CallReply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A sandbox with a stack of the template, and the server as the template would run it. */
export class StackWorld {
  readonly gateway: APIGatewayClient;
  readonly cognito: CognitoIdentityProviderClient;
  private constructor(
    readonly sandbox: Sandbox,
    readonly stack: Stack,
    readonly app: NestFastifyApplication,
    readonly url: string,
  ) {
    const client = { region: REGION, endpoint: sandbox.url, credentials: CREDENTIALS };
    this.gateway = new APIGatewayClient(client);
    this.cognito = new CognitoIdentityProviderClient(client);
  }

  static async start({ parameters = {}, change, handlers, policies, overrides = {} }: StackOptions = {}) {
    const functions: Record<string, SandboxFunction> = {};
    const sandbox = await Sandbox.start({ port: 0, directory: null, functions, ...(policies && { policies }) });
    const client = { region: REGION, endpoint: sandbox.url, credentials: CREDENTIALS };
    const place = { gateway: new APIGatewayClient(client), cognito: new CognitoIdentityProviderClient(client) };
    try {
      await removeSeededPlans(place.gateway);
      const template = readTemplate(TEMPLATE);
      change?.(template);
      const stack = await Stack.deploy(
        template,
        { ...CHOSEN, ...parameters },
        { ...place, functions, handlers: { ...WELCOMING, ...handlers } },
      );
      const told = Object.entries(stack.environmentOf('HttpFunction')).filter(
        ([name]) => !NOT_FOR_TESTS.includes(name),
      );
      const env = { ...environment(sandbox.url), ...Object.fromEntries(told), ...ALONE, ...overrides };
      const { app, url } = await startApp(env, new SandboxTime(sandbox));
      return new StackWorld(sandbox, stack, app, url);
    } catch (error) {
      await sandbox.close();
      throw error;
    } finally {
      place.gateway.destroy();
      place.cognito.destroy();
    }
  }

  async close(): Promise<void> {
    this.gateway.destroy();
    this.cognito.destroy();
    await this.app.close();
    await this.sandbox.close();
  }

  get userPoolId(): string {
    return this.stack.outputs.get('UserPoolId') ?? '';
  }

  get clientId(): string {
    return this.stack.outputs.get('ClientId') ?? '';
  }

  look() {
    return this.app.get(Preflight).look((inspection) => inspection.countKeys());
  }

  /** Somebody new, who signs up on the pool's pages and comes back to the portal with a code. */
  async newcomer(email = `newcomer-${randomBytes(4).toString('hex')}@example.com`): Promise<StackCustomer> {
    return this.throughPages(email, async (browser, login) => {
      const signUp = await browser.open(`/signup${login.url.search}`);
      const confirm = await browser.submit(signUp, '/signup', { username: email, password: PASSWORD });
      const letter = this.sandbox.mail().findLast(({ to }) => to === email);
      return browser.submit(confirm, '/confirmUser', { code: letter?.code ?? '' });
    });
  }

  /** The same customer, who signs in once more. */
  async returning({ email }: StackCustomer): Promise<StackCustomer> {
    return this.throughPages(email, (browser, login) =>
      browser.submit(login, '/login', { username: email, password: PASSWORD }),
    );
  }

  private async throughPages(email: string, visit: (browser: Browser, login: Seen) => Promise<Seen>) {
    const browser = new Browser(this.sandbox.url);
    const verifier = randomBytes(32).toString('base64url');
    const redirect_uri = `${this.stack.outputs.get('Portal')}/`;
    const asked = new URLSearchParams({
      client_id: this.clientId,
      response_type: 'code',
      redirect_uri,
      scope: 'openid profile email aws.cognito.signin.user.admin', // without profile a token shows none of our attributes
      code_challenge_method: 'S256',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    });
    const { url: back, text } = await visit(browser, await browser.open(`/oauth2/authorize?${asked}`));
    if (!back.href.startsWith(redirect_uri)) throw new Error(`Nobody came back to ${redirect_uri}: ${back} ${text}`);
    const form = new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: this.clientId,
      redirect_uri,
      code: back.searchParams.get('code') ?? '',
      code_verifier: verifier,
    });
    const reply = await fetch(`${this.sandbox.url}/oauth2/token`, { method: 'POST', body: form });
    const { access_token = '', id_token = '' } = (await reply.json()) as Record<string, string>;
    return new StackCustomer(this, email, access_token, id_token);
  }
}

/** A customer of the stack, known by the tokens that the template's app client gave. */
export class StackCustomer {
  readonly sub: string;

  constructor(
    private readonly world: StackWorld,
    readonly email: string,
    readonly accessToken: string,
    readonly idToken: string,
  ) {
    this.sub = String(claimsOf(accessToken).sub);
  }

  async gql(query: string): Promise<Record<string, never>> {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${this.accessToken}` };
    const reply = await fetch(`${this.world.url}/graphql`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ query }),
    });
    const { data, errors } = (await reply.json()) as { data?: Record<string, never>; errors?: unknown };
    if (!data || errors) throw new Error(JSON.stringify(errors));
    return data;
  }

  async issued(mutation: string): Promise<{ readonly id: string; readonly value: string }> {
    const kinds = ['SubscriptionChanged', 'KeyRotated'].map((kind) => `... on ${kind} { key { id value } }`);
    const [only] = mutation.startsWith('rotateKey') ? kinds.slice(1) : kinds;
    const data = await this.gql(`mutation { ${mutation} { ${only} ... on Problem { code message } } }`);
    const { key, ...problem } = Object(Object.values(data)[0]);
    if (!key) throw new Error(`No key was handed out: ${JSON.stringify(problem)}`);
    return key;
  }

  /** Calls the demo API; null leaves the token or the key out. */
  async call(key: string | null, token: string | null = this.idToken, header = 'authorization'): Promise<CallReply> {
    const headers = { ...(token !== null && { [header]: token }), ...(key !== null && { 'x-api-key': key }) };
    const reply = await fetch(this.demoUrl, { headers });
    return { status: reply.status, headers: reply.headers, body: (await reply.json()) as CallReply['body'] };
  }

  /** What a browser asks before it calls from a page of another site. */
  async preflight(): Promise<Omit<CallReply, 'body'>> {
    const headers = { origin: 'https://www.example.com', 'access-control-request-method': 'GET' };
    const { status, headers: answered } = await fetch(this.demoUrl, { method: 'OPTIONS', headers });
    return { status, headers: answered };
  }

  private get demoUrl(): string {
    const { sandbox, stack } = this.world;
    return `${sandbox.url}/_aws/execute-api/${stack.resource('DemoApi').ref}/v1/whoami`;
  }

  async attributes(): Promise<Record<string, string>> {
    const { UserAttributes = [] } = await this.world.cognito.send(
      new AdminGetUserCommand({ UserPoolId: this.world.userPoolId, Username: this.sub }),
    );
    return Object.fromEntries(UserAttributes.map(({ Name, Value }) => [Name, Value ?? '']));
  }

  /** Ids of the enabled keys that API Gateway holds for them. */
  async enabledKeys(): Promise<string[]> {
    const nameQuery = `turnpike.${this.world.userPoolId}.${this.sub}.`;
    const { items = [] } = await this.world.gateway.send(new GetApiKeysCommand({ nameQuery, limit: 500 }));
    return items.filter(({ enabled }) => enabled).map(({ id = '' }) => id);
  }
}

/** The seed of the sandbox has plans of its own, by the same codes: without them the stack's are the only ones. */
async function removeSeededPlans(gateway: APIGatewayClient): Promise<void> {
  const { items = [] } = await gateway.send(new GetUsagePlansCommand({ limit: 500 }));
  for (const { id: usagePlanId, apiStages = [] } of items) {
    const patchOperations = apiStages.map(({ apiId, stage }) => {
      return { op: 'remove' as const, path: '/apiStages', value: `${apiId}:${stage}` };
    });
    await gateway.send(new UpdateUsagePlanCommand({ usagePlanId, patchOperations }));
    await gateway.send(new DeleteUsagePlanCommand({ usagePlanId }));
  }
}
