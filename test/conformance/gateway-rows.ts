import { randomBytes } from 'node:crypto';
import {
  APIGateway,
  CreateApiKeyCommand,
  type CreateApiKeyCommandInput,
  CreateAuthorizerCommand,
  CreateDeploymentCommand,
  CreateResourceCommand,
  CreateRestApiCommand,
  CreateUsagePlanCommand,
  type CreateUsagePlanCommandInput,
  CreateUsagePlanKeyCommand,
  PutIntegrationCommand,
  PutIntegrationResponseCommand,
  PutMethodCommand,
  type PutMethodCommandInput,
  PutMethodResponseCommand,
} from '@aws-sdk/client-api-gateway';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Sandbox } from '../../src/sandbox/server.js';
import { type FunctionEvent, rowFunctions } from './gateway/functions.js';

/** One fact about API Gateway, and where it is known from. */
export interface Row {
  readonly id: string;
  /** The operation, or the request to a deployed API; the section tells where it is absent. */
  readonly call?: string;
  /** What comes of it, as a sentence. */
  readonly what: string;
  readonly run: (world: World) => Promise<unknown>;
  readonly expected: unknown;
  /** `recorded` on AWS, said by AWS's `docs`, reported from the `field`, or our `inference` where nothing is known. */
  readonly basis: 'recorded' | 'docs' | 'field' | 'inference';
  readonly source: string;
}

/** Runs each row against one fresh sandbox; rows make what they need and leave the seed alone. */
export function conform(title: string, rows: readonly Row[]): void {
  describe(title, () => {
    let world: World;
    beforeAll(async () => {
      world = await World.open();
    });
    afterAll(() => world.close());
    for (const { id, call, what, basis, source, run, expected } of rows) {
      it(`${id} ${call ? `${call}: ` : ''}${what} [${basis}: ${source}]`, async () => {
        expect(await run(world)).toEqual(expected);
      });
    }
  });
}

export interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly body: string;
}

export const SIGNED = {
  authorization: 'AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/apigateway/aws4_request, Signature=any',
  'content-type': 'application/json',
};

/** A sandbox with the real SDK and fetch in front of it. */
export class World {
  readonly sdk: APIGateway;
  /** What the sandbox's functions were called with, by name. */
  readonly invocations: { readonly name: string; readonly event: FunctionEvent }[] = [];
  private named = 0;

  /** A fresh sandbox with the functions of the rows. */
  static async open(): Promise<World> {
    const invocations: World['invocations'] = [];
    const functions = rowFunctions((name, event) => void invocations.push({ name, event }));
    const world = new World(await Sandbox.start({ port: 0, directory: null, functions }));
    return Object.assign(world, { invocations });
  }

  constructor(readonly sandbox: Sandbox) {
    this.sdk = new APIGateway({
      region: 'us-east-1',
      endpoint: sandbox.url,
      credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
      maxAttempts: 1,
    });
  }

  async close(): Promise<void> {
    this.sdk.destroy();
    await this.sandbox.close();
  }

  name(prefix = 'n'): string {
    this.named += 1;
    return `${prefix}-${this.named}.`;
  }

  value(): string {
    return randomBytes(20).toString('hex');
  }

  today(): string {
    return this.sandbox.clock.now().toISOString().slice(0, 10);
  }

  key(input: CreateApiKeyCommandInput = {}) {
    const made = { enabled: true, name: this.name('key'), ...input };
    return this.sdk
      .send(new CreateApiKeyCommand(made))
      .then(({ id = '', value = '', ...rest }) => ({ id, value, ...rest }));
  }

  /** A plan on the seeded stage, unless told otherwise. */
  plan(input: Partial<CreateUsagePlanCommandInput> = {}) {
    const apiStages = [{ apiId: 'sandboxapi', stage: 'v1' }];
    const made = new CreateUsagePlanCommand({ name: this.name('plan'), apiStages, ...input });
    return this.sdk.send(made).then(({ id = '', ...rest }) => ({ id, ...rest }));
  }

  attach(usagePlanId: string, keyId: string) {
    return this.sdk.send(new CreateUsagePlanKeyCommand({ usagePlanId, keyId, keyType: 'API_KEY' }));
  }

  /** A key in a plan of its own. */
  async subscriber(plan: Partial<CreateUsagePlanCommandInput> = {}) {
    const [{ id: planId }, { id: keyId, value }] = await Promise.all([this.plan(plan), this.key()]);
    await this.attach(planId, keyId);
    return { planId, keyId, value };
  }

  /** An API of its own with one path, not yet deployed. */
  async api(pathPart: string, method: Partial<PutMethodCommandInput> = {}) {
    const { id: restApiId = '', rootResourceId } = await this.sdk.send(
      new CreateRestApiCommand({ name: this.name('api') }),
    );
    const { id: authorizerId } = await this.sdk.send(
      new CreateAuthorizerCommand({
        restApiId,
        name: 'customers',
        type: 'COGNITO_USER_POOLS',
        providerARNs: ['arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_Sandbox01'],
        identitySource: 'method.request.header.X-Token',
      }),
    );
    const child = new CreateResourceCommand({ restApiId, parentId: rootResourceId, pathPart });
    const { id: resourceId = '' } = await this.sdk.send(child);
    const address = { restApiId, resourceId, httpMethod: 'GET' };
    const authorized = method.authorizationType === 'COGNITO_USER_POOLS' ? { authorizerId } : {};
    await this.sdk.send(new PutMethodCommand({ ...address, authorizationType: 'NONE', ...authorized, ...method }));
    await this.mock(address, '{"ok":true}');
    return { ...address, rootResourceId: rootResourceId ?? '' };
  }

  async mock(address: { restApiId: string; resourceId: string; httpMethod: string }, body: string): Promise<void> {
    const requestTemplates = { 'application/json': '{"statusCode": 200}' };
    await this.sdk.send(new PutIntegrationCommand({ ...address, type: 'MOCK', requestTemplates }));
    await this.sdk.send(new PutMethodResponseCommand({ ...address, statusCode: '200' }));
    const responseTemplates = { 'application/json': body };
    await this.sdk.send(new PutIntegrationResponseCommand({ ...address, statusCode: '200', responseTemplates }));
  }

  async deployed(pathPart: string, method: Partial<PutMethodCommandInput> = {}) {
    const address = await this.api(pathPart, method);
    await this.deploy(address.restApiId);
    return address;
  }

  deploy(restApiId: string) {
    return this.sdk.send(new CreateDeploymentCommand({ restApiId, stageName: 'dev' }));
  }

  /** The whole answer of a deployed API. */
  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(`${this.sandbox.url}/_aws/execute-api/${path}`, init);
  }

  async call(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
    const reply = await fetch(`${this.sandbox.url}/_aws/execute-api/${path}`, { method, headers });
    return { status: reply.status, type: reply.headers.get('x-amzn-errortype'), body: await reply.text() };
  }

  async statuses(calls: number, path: string, headers: Record<string, string>): Promise<number[]> {
    const found: number[] = [];
    for (let made = 0; made < calls; made += 1) found.push((await this.call(path, headers)).status);
    return found;
  }

  /** One control plane call as it is on the wire. */
  async wire(method: string, path: string, body?: unknown, headers: Record<string, string> = SIGNED) {
    const sent = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
    const reply = await fetch(`${this.sandbox.url}${path}`, { method, headers, ...sent });
    return { status: reply.status, type: reply.headers.get('x-amzn-errortype'), body: await reply.text() };
  }

  async tokens(USERNAME = 'ada@example.com'): Promise<{ id: string; access: string }> {
    const reply = await fetch(this.sandbox.url, {
      method: 'POST',
      headers: { 'x-amz-target': 'AWSCognitoIdentityProviderService.InitiateAuth' },
      body: JSON.stringify({
        AuthFlow: 'USER_PASSWORD_AUTH',
        ClientId: this.sandbox.info().clientId,
        AuthParameters: { USERNAME, PASSWORD: 'Turnpike-1' },
      }),
    });
    const { AuthenticationResult } = (await reply.json()) as {
      AuthenticationResult: { IdToken: string; AccessToken: string };
    };
    return { id: AuthenticationResult.IdToken, access: AuthenticationResult.AccessToken };
  }
}

/** How the SDK reports a refusal, as one line: `<status> <name>: <message>`. */
export async function refusal(sent: Promise<unknown>): Promise<string> {
  try {
    await sent;
    return 'accepted';
  } catch (error) {
    const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
    return `${$metadata?.httpStatusCode} ${name}: ${message}`;
  }
}
