import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { AdminDeleteUserCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { USER_POOL_ID } from '../../src/sandbox/seed.js';
import { keyOf } from '../support/outcomes.js';
import { environment, World } from '../support/world.js';
import { httpApiEvent, restApiEvent, type Sent, SOURCE_IP } from './events.js';
import { Instance } from './instance.js';
import { confirmation } from './newcomers.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const LOADER = `${ROOT}infra/bundle/loader.js`;
jest.setTimeout(180_000); // processes start, which takes long where much else is done

const MOST_BYTES = 5_000_000;
const METHOD = 'arn:aws:execute-api:us-east-1:123456789012:abcdef1234/v1/GET/pets';

interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isBase64Encoded?: boolean;
}

/** The bytes that a browser would end up with. */
function unpacked({ headers, body, isBase64Encoded }: HttpAnswer): Buffer {
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  return headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes;
}

/** The pages that there are, and every file of ours that they name. */
async function linkedFrom(pages: readonly string[], origin: string): Promise<string[]> {
  const paths = new Set<string>();
  for (const page of pages) {
    const reply = await fetch(`${origin}${page}`, { headers: { accept: 'text/html' } });
    const html = await reply.text();
    if (reply.status !== 200) continue;
    paths.add(page);
    for (const [, path = ''] of html.matchAll(/(?:src|href)="(\/[^"]+)"/g)) paths.add(path);
  }
  for (const path of [...paths].filter((one) => one.endsWith('.css'))) {
    const css = await (await fetch(`${origin}${path}`)).text();
    for (const [, url = ''] of css.matchAll(/url\(["']?([^"')]+)["']?\)/g)) {
      if (!/^(data|#)/.test(url)) paths.add(new URL(url, `${origin}${path}`).pathname);
    }
  }
  return [...paths];
}

describe('the bundle for AWS Lambda', () => {
  let world: World;
  let instance: Instance;
  let handlers: readonly string[];

  beforeAll(async () => {
    world = await World.start({ INTROSPECTION: 'on' });
    const env = environment(world.sandbox.url, { INTROSPECTION: 'on', DEFAULT_PLAN: 'free' });
    ({ instance, handlers } = await Instance.start(`${ROOT}dist-lambda/lambda.cjs`, env));
  });
  afterAll(async () => {
    await instance?.end();
    await world?.close();
  });

  const ask = (event: object) => instance.call<HttpAnswer>('http', event);
  const graphql = (query: string, token: string | null = null): Sent => ({
    method: 'POST',
    path: '/graphql',
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify({ query }),
  });

  it('is one script of at most 5 MB with all six handlers, and says whose code is in it', () => {
    expect(statSync(`${ROOT}dist-lambda/code.cjs`).size).toBeLessThanOrEqual(MOST_BYTES);
    const six = ['authorizer', 'http', 'postConfirmation', 'preTokenGeneration', 'sweep', 'userDeleted'];
    expect(handlers).toEqual(expect.arrayContaining(six));
    const notices = readFileSync(`${ROOT}dist-lambda/THIRD-PARTY-NOTICES.txt`, 'utf8');
    for (const name of ['fastify', 'graphql', '@aws-sdk/client-api-gateway', 'react'])
      expect(notices).toContain(`\n${name} `);
  });

  it.each([
    ['an HTTP API (2.0)', httpApiEvent],
    ['a REST API (1.0)', restApiEvent],
  ])('serves requests of %s: with a token, as bytes, with a query in the URL, and refusals', async (_, event) => {
    const ada = await world.customer();
    for (const isBinary of [false, true]) {
      const { statusCode, body } = await ask(event({ ...graphql('{ me { id } }', ada.accessToken), isBinary }));
      expect([statusCode, JSON.parse(body)]).toEqual([200, { data: { me: { id: ada.sub } } }]);
    }
    const query = { query: '{ plans { code, title } }' };
    const inUrl = await ask(event({ path: '/graphql', query, headers: { 'apollo-require-preflight': 'true' } }));
    expect(JSON.parse(inUrl.body).data.plans).toContainEqual({ code: 'free', title: 'Free' });
    expect(JSON.parse((await ask(event(graphql('{ me { id } }')))).body).errors[0].extensions.code).toBe(
      'UNAUTHENTICATED',
    );
    expect((await ask(event({ path: '/nowhere' }))).statusCode).toBe(404);
  });

  it('brings what V8 has compiled of it, and answers all the same where V8 refuses that', async () => {
    const copy = (name: string) => {
      const folder = mkdtempSync(join(tmpdir(), `turnpike-${name}-`));
      cpSync(`${ROOT}dist-lambda`, folder, { recursive: true });
      return folder;
    };
    const [damaged, changed] = [copy('damaged'), copy('changed')];
    writeFileSync(join(damaged, 'code.cache'), 'not of this V8');
    const code = readFileSync(join(changed, 'code.cjs'), 'latin1');
    writeFileSync(join(changed, 'code.cjs'), code.replace('BAD_USER_INPUT', 'BAD_USER_INPUX'), 'latin1'); // as long as before
    const isRefused = (folder: string) => {
      const look = `console.log(load(${JSON.stringify(join(folder, 'lambda.cjs'))}).script.cachedDataRejected)`;
      const args = ['--input-type=module', '--eval', `import { load } from ${JSON.stringify(LOADER)}; ${look}`];
      return spawnSync(process.execPath, args, { encoding: 'utf8' }).stdout.trim();
    };
    expect([`${ROOT}dist-lambda`, damaged, changed].map(isRefused)).toEqual(['false', 'undefined', 'undefined']);
    const { instance: anew } = await Instance.start(join(damaged, 'lambda.cjs'), environment(world.sandbox.url, {}));
    const { statusCode, body } = await anew.call<HttpAnswer>('http', httpApiEvent(graphql('{ plans { code } }')));
    expect([statusCode, JSON.parse(body).data.plans]).toEqual([200, expect.arrayContaining([{ code: 'free' }])]);
    await anew.end();
    for (const folder of [damaged, changed]) rmSync(folder, { recursive: true });
  });

  it('has the same schema as ever: no class has lost its name', async () => {
    const types = '{ __schema { types { name kind fields { name type { name kind ofType { name } } } } } }';
    const { body } = await ask(httpApiEvent(graphql(types)));
    expect(JSON.parse(body)).toEqual(JSON.parse((await world.stranger.gql(types)).text));
  });

  it('serves every file of the pages, byte for byte, packed or not', async () => {
    const paths = await linkedFrom(['/graphql', '/'], world.url);
    expect(paths).toContain('/graphql');
    for (const path of paths) {
      for (const encoding of ['identity', 'gzip']) {
        const headers = { accept: 'text/html,*/*', 'accept-encoding': encoding };
        const served = await fetch(`${world.url}${path}`, { headers });
        const answer = await ask(httpApiEvent({ path, headers }));
        expect([path, answer.statusCode, answer.headers['content-type']]).toEqual([
          path,
          served.status,
          served.headers.get('content-type'),
        ]);
        const bytes = unpacked(answer);
        expect(bytes.equals(Buffer.from(await served.arrayBuffer()))).toBe(true);
      }
    }
  });

  it('hands on bytes that are no text as they are', async () => {
    const { instance: answering } = await Instance.start(`${ROOT}test/lambda/bytes.js`, {});
    for (const event of [httpApiEvent, restApiEvent]) {
      const answer = await answering.call<HttpAnswer>('http', event({ path: '/bytes' }));
      expect(answer.isBase64Encoded).toBe(true);
      expect([...unpacked(answer)]).toEqual(Array.from({ length: 256 }, (_, i) => i));
    }
    await answering.end();
  });

  it('takes the address from API Gateway, not from a header that the caller sent', async () => {
    const limited = environment(world.sandbox.url, { LIMIT_ANONYMOUS_PER_MINUTE: '1' });
    const { instance: strict } = await Instance.start(`${ROOT}dist-lambda/lambda.cjs`, limited);
    const from = async (forged: string) => {
      const event = httpApiEvent({
        ...graphql('{ plans { code } }'),
        headers: { ...graphql('').headers, 'x-forwarded-for': forged },
      });
      return JSON.parse((await strict.call<HttpAnswer>('http', event)).body);
    };
    expect((await from(`198.51.100.1, ${SOURCE_IP}`)).data).toBeDefined();
    expect((await from(`198.51.100.2, ${SOURCE_IP}`)).errors[0].extensions.code).toBe('TRY_AGAIN');
    await strict.end();
  });

  it('carries a newcomer from sign-up to the end in its other five handlers', async () => {
    const ada = await world.customer();
    const event = confirmation(ada);
    expect(await instance.call('postConfirmation', event)).toEqual(event);
    const key = keyOf(await ada.reveal());
    const request = { userAttributes: await ada.attributes(), scopes: [] };
    const asked = { ...event, version: '2', triggerSource: 'TokenGeneration_Authentication', request };
    const shown = {
      claimsToAddOrOverride: expect.objectContaining({ 'custom:plan': 'free', 'custom:api_key_id': key.id }),
    };
    expect(await instance.call('preTokenGeneration', asked)).toMatchObject({
      response: { claimsAndScopeOverrideDetails: { idTokenGeneration: shown, accessTokenGeneration: shown } },
    });
    await expect(
      instance.call('authorizer', { methodArn: METHOD, authorizationToken: ada.accessToken }),
    ).rejects.toThrow(/^Unauthorized$/);
    expect(await instance.call('sweep', {})).toMatchObject({ heldBack: 0 });
    await world.cognito.send(new AdminDeleteUserCommand({ UserPoolId: USER_POOL_ID, Username: ada.username }));
    const detail = { eventName: 'AdminDeleteUser', additionalEventData: { sub: ada.sub } };
    expect(await instance.call('userDeleted', { detail })).toBe('RETIRED');
    expect(await ada.call(key.value)).toEqual({ 403: 1 });
  });

  it('lets an ID token in where that is the kind it is told to take, and names the key', async () => {
    const ada = await world.customer();
    const key = keyOf(await ada.subscribe('basic'));
    const { idToken } = await world.signIn(ada.email);
    const env = environment(world.sandbox.url, { COGNITO_TOKEN_USE: 'id' });
    const { instance: forIdTokens } = await Instance.start(`${ROOT}dist-lambda/lambda.cjs`, env);
    const answer = await forIdTokens.call('authorizer', { methodArn: METHOD, authorizationToken: idToken });
    await forIdTokens.end();
    expect(answer).toMatchObject({ principalId: ada.sub, context: { plan: 'basic' }, usageIdentifierKey: key.value });
  });
});
