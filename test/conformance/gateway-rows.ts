import { randomBytes } from 'node:crypto';
import {
  type APIGateway,
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
import { functionUri } from '../../src/sandbox/gateway/data-plane/functions.js';
import { ACCOUNT_ID } from '../../src/sandbox/gateway/rest-api/drafts.js';
import type { Sandbox } from '../../src/sandbox/server.js';
import type { Cloud } from './cloud.js';
import { sendRaw } from './clouds/observed.js';
import { cloudAround } from './clouds/sandbox.js';
import { CognitoWorld } from './cognito-rows.js';
import type * as row from './row.js';

/** One fact about API Gateway. */
export type Row = row.Row<World>;
export type Section = row.Section<World>;

export interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly body: string;
}

/** What the stage of every row has, drawn up as the sandbox's seed is. */
export interface SoldApi {
  readonly apiId: string;
  readonly stage: string;
  readonly poolId: string;
  readonly clientId: string;
}

/** An API Gateway with one API, and the real SDK and fetch in front of it. */
export class World {
  readonly sdk: APIGateway;
  private count = 0;

  constructor(
    readonly cloud: Cloud,
    readonly sold: SoldApi,
  ) {
    this.sdk = cloud.options.gateway;
  }

  /** The API that rows call: the seeded one of a sandbox, elsewhere one like it. */
  static async open(cloud: Cloud): Promise<World> {
    const sandbox = cloud.options.insides?.sandbox;
    const world = sandbox ? World.before(sandbox, cloud) : await World.drawnUp(cloud);
    const { apiId, poolId, clientId } = world.sold;
    return world.named({ [apiId]: '{api}', [poolId]: '{pool}', [clientId]: '{client}' });
  }

  /** In front of a sandbox, which is closed with it. */
  static before(sandbox: Sandbox, cloud = cloudAround(sandbox)): World {
    const { restApiId: apiId, stage, userPoolId: poolId, clientId } = sandbox.info();
    return new World(cloud, { apiId, stage, poolId, clientId });
  }

  private static async drawnUp(cloud: Cloud): Promise<World> {
    const cognito = await cloud.world(CognitoWorld.open);
    const { poolId, clientId } = cognito;
    await cognito.user({ poolId, username: 'ada@example.com' });
    const sold = { apiId: '', stage: 'v1', poolId, clientId };
    return new World(cloud, { ...sold, apiId: await drawnUp(new World(cloud, sold)) });
  }

  private named(names: Record<string, string>): this {
    for (const [real, word] of Object.entries(names)) this.cloud.call(real, word);
    return this;
  }

  /** The path of a method that takes a key alone, and of one that takes an ID token too. */
  get open(): string {
    return `${this.sold.apiId}/${this.sold.stage}/open`;
  }

  get pets(): string {
    return `${this.sold.apiId}/${this.sold.stage}/pets`;
  }

  /** As a usage plan names it. */
  get stage() {
    return { apiId: this.sold.apiId, stage: this.sold.stage };
  }

  get poolArn(): string {
    return `arn:aws:cognito-idp:${this.cloud.options.region}:${this.cloud.options.accountId}:userpool/${this.sold.poolId}`;
  }

  arn(path: string): string {
    return `arn:aws:apigateway:${this.cloud.options.region}::${path}`;
  }

  /** A question with this cloud's own names: `{api}`, `{pool}`, `{account}`. */
  filled<T>(question: T): T {
    return JSON.parse(this.cloud.filled(JSON.stringify(question)));
  }

  get sandbox(): Sandbox {
    return this.cloud.sandbox;
  }

  get clock() {
    return this.cloud.clock;
  }

  get invocations() {
    return this.cloud.invocations;
  }

  close(): Promise<void> {
    return this.cloud.close();
  }

  name(prefix = 'n'): string {
    this.count += 1;
    return `${prefix}-${this.count}.`;
  }

  value(): string {
    return randomBytes(20).toString('hex');
  }

  now(): Date {
    return this.cloud.options.insides?.clock.now() ?? new Date();
  }

  today(): string {
    return this.now().toISOString().slice(0, 10);
  }

  key(input: CreateApiKeyCommandInput = {}) {
    const made = { enabled: true, name: this.name('key'), ...input };
    return this.sdk
      .send(new CreateApiKeyCommand(made))
      .then(({ id = '', value = '', ...rest }) => ({ id, value, ...rest }));
  }

  /** A plan on the seeded stage, unless told otherwise. */
  plan(input: Partial<CreateUsagePlanCommandInput> = {}) {
    const apiStages = [this.stage];
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
        providerARNs: [this.poolArn],
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

  /** The whole answer of a deployed API; a path is `<api>/<stage>/<path>`. */
  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const [apiId = '', ...rest] = path.split('/');
    return this.cloud.execute(apiId, rest.join('/'), init);
  }

  async call(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
    const reply = await this.fetch(path, { method, headers });
    return { status: reply.status, type: reply.headers.get('x-amzn-errortype'), body: await reply.text() };
  }

  async statuses(calls: number, path: string, headers: Record<string, string>): Promise<number[]> {
    const found: number[] = [];
    for (let made = 0; made < calls; made += 1) found.push((await this.call(path, headers)).status);
    return found;
  }

  /** One control plane call as it is on the wire, signed. */
  async wire(method: string, target: string, body?: unknown): Promise<Answer> {
    const { pathname, searchParams } = new URL(target, 'http://any');
    const reply = await sendRaw(this.sdk, {
      method,
      path: pathname,
      query: Object.fromEntries(searchParams),
      headers: { 'content-type': 'application/json' },
      body: body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body),
    });
    return { status: reply.status, type: reply.headers['x-amzn-errortype'] ?? null, body: reply.body };
  }

  /** The same without a signature. */
  async unsigned(method: string, path: string, headers: Record<string, string> = {}): Promise<Answer> {
    const reply = await this.cloud.fetch(`${this.cloud.options.gatewayUrl}${path}`, { method, headers });
    return { status: reply.status, type: reply.headers.get('x-amzn-errortype'), body: await reply.text() };
  }

  /** Of somebody who may call the API. */
  async tokens(USERNAME = 'ada@example.com'): Promise<{ id: string; access: string }> {
    const { AuthenticationResult: { IdToken = '', AccessToken = '' } = {} } =
      await this.cloud.options.cognito.initiateAuth({
        AuthFlow: 'USER_PASSWORD_AUTH',
        ClientId: this.sold.clientId,
        AuthParameters: { USERNAME, PASSWORD: 'Turnpike-1' },
      });
    return { id: IdToken, access: AccessToken };
  }
}

/** `GET /open` with a key, `GET /pets` with a token and a key, on stage v1. */
async function drawnUp(world: World): Promise<string> {
  const key = { apiKeyRequired: true };
  const { restApiId, rootResourceId: parentId } = await world.api('open', key);
  const { id: resourceId = '' } = await world.sdk.createResource({ restApiId, parentId, pathPart: 'pets' });
  const authorizer = { type: 'COGNITO_USER_POOLS', identitySource: 'method.request.header.Authorization' } as const;
  const made = { restApiId, name: 'sold', providerARNs: [world.poolArn], ...authorizer };
  const { id: authorizerId } = await world.sdk.createAuthorizer(made);
  const address = { restApiId, resourceId, httpMethod: 'GET' };
  await world.sdk.putMethod({ ...address, authorizationType: 'COGNITO_USER_POOLS', authorizerId, ...key });
  await world.mock(address, '[{"id":1,"type":"dog","price":249.99}]');
  await world.sdk.createDeployment({ restApiId, stageName: 'v1' });
  return restApiId;
}

/** The URI of a function of the cloud's account, in words. */
export function uriOf(name: string): string {
  return functionUri(name).replaceAll(ACCOUNT_ID, '{account}');
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
