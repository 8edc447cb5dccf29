import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as gatewaySdk from '@aws-sdk/client-api-gateway';
import * as sdk from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { CognitoJwtVerifier } from 'aws-jwt-verify';
import { JwtExpiredError } from 'aws-jwt-verify/error';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import { Cognito } from '../../src/sandbox/cognito/cognito.js';
import { hashPassword } from '../../src/sandbox/cognito/passwords.js';
import { SandboxClock } from '../../src/sandbox/sandbox-clock.js';
import { Store } from '../../src/sandbox/store.js';
import { decodeJson, operationsOf } from '../../src/sandbox/wire.js';
import type { Cloud } from './cloud.js';
import { cognitoWithTriggers } from './clouds/cognito-with-triggers.js';
import { sandboxCloud } from './clouds/sandbox.js';
import { heard, listenTo, triggers } from './cognito/triggers.js';
import { CognitoWorld, claims, PASSWORD, refusal } from './cognito-rows.js';
import { HostedWorld } from './hosted-ui/world.js';

const CLIENT = 'conformclient0000000000001';

const clock = new SandboxClock();
describe('the sandbox’s Cognito', () => {
  let password: { hash: string };

  beforeAll(async () => {
    password = { hash: await hashPassword(PASSWORD) };
  });

  describe('tokens for aws-jwt-verify', () => {
    let cloud: Cloud;
    let world: CognitoWorld;
    beforeAll(async () => {
      cloud = await sandboxCloud();
      world = await CognitoWorld.open(cloud);
    });
    afterAll(() => cloud.close());

    const verifier = (tokenUse: 'id' | 'access') => {
      const fetcher = {
        fetch: async (uri: string) => {
          const reply = await fetch(uri.replace(/^https:\/\/[^/]+/, cloud.options.cognitoUrl));
          if (!reply.ok) throw new Error(`jwks ${reply.status}`);
          return reply.arrayBuffer();
        },
      };
      const jwksCache = new SimpleJwksCache({ fetcher });
      return CognitoJwtVerifier.create({ userPoolId: world.poolId, clientId: world.clientId, tokenUse }, { jwksCache });
    };

    it('verifies both kinds, each as its own kind only', async () => {
      const { AccessToken, IdToken, sub } = await world.signedIn();
      expect((await verifier('access').verify(AccessToken)).username).toBe(sub);
      expect((await verifier('id').verify(IdToken))['cognito:username']).toBe(sub);
      await expect(verifier('id').verify(AccessToken)).rejects.toThrow('Token use not allowed');
    });

    it('sees an expired token as expired', async () => {
      const { AccessToken } = await world.signedIn();
      const later = { graceSeconds: -3601 };
      await expect(verifier('access').verify(AccessToken, later)).rejects.toBeInstanceOf(JwtExpiredError);
    });
  });

  describe('the schemas of the SDK', () => {
    it('are laid out as the wire layer reads them', () => {
      const operations = operationsOf(sdk);
      const getUser = operations.find(({ name }) => name === 'AdminGetUser');
      expect(operations.length).toBeGreaterThan(100);
      expect(getUser?.input.getMemberSchemas()).toHaveProperty('UserPoolId');
      expect(getUser?.http).toBeUndefined();
      expect(() => getUser && decodeJson(getUser, Buffer.from('{}'))).toThrow('UserPoolId, Username');
    });
  });

  describe('memory', () => {
    let directory: string;

    beforeEach(async () => {
      directory = await mkdtemp(join(tmpdir(), 'cognito-'));
    });

    afterEach(() => rm(directory, { recursive: true }));

    const poolId = 'us-east-1_Restart01';

    async function opened() {
      const store = new Store(directory);
      const cognito = new Cognito(store, clock);
      await cognito.seedPool({ id: poolId, name: 'restart' });
      cognito.seedClient({ poolId, clientId: CLIENT });
      const sub = await cognito.seedUser({ poolId, username: 'ada@example.com', password });
      const start = async (AuthFlow: string, AuthParameters: Record<string, string>) => {
        const reply = await cognito.answer({
          method: 'POST',
          url: new URL('http://127.0.0.1/'),
          headers: { 'x-amz-target': 'AWSCognitoIdentityProviderService.InitiateAuth' },
          body: Buffer.from(JSON.stringify({ ClientId: CLIENT, AuthFlow, AuthParameters })),
        });
        const body = JSON.parse(reply.body ?? '') as sdk.InitiateAuthCommandOutput;
        return body.AuthenticationResult ?? {};
      };
      return { store, cognito, sub, start };
    }

    it('keeps users, keys and sessions over a restart', async () => {
      const before = await opened();
      const by = { USERNAME: 'ada@example.com', PASSWORD };
      const { AccessToken = '', RefreshToken = '' } = await before.start('USER_PASSWORD_AUTH', by);
      before.store.close();
      const after = await opened();
      const refreshed = await after.start('REFRESH_TOKEN_AUTH', { REFRESH_TOKEN: RefreshToken });
      expect(after.sub).toBe(before.sub);
      expect(after.cognito.verify(poolId, AccessToken).ok).toBe(true);
      expect(claims(refreshed.AccessToken).origin_jti).toBe(claims(AccessToken).origin_jti);
      after.store.close();
    });

    it('has no password and no token in it', async () => {
      const { store, start } = await opened();
      const tokens = await start('USER_PASSWORD_AUTH', { USERNAME: 'ada@example.com', PASSWORD });
      store.close();
      const journal = await readFile(join(directory, 'journal.ndjson'), 'utf8');
      const secrets = [PASSWORD, tokens.AccessToken, tokens.IdToken, tokens.RefreshToken];
      expect(secrets.map((secret = 'missing') => journal.includes(secret))).toEqual([false, false, false, false]);
      expect(Object.values(tokens).filter((value) => typeof value === 'string')).toHaveLength(4);
    });

    it('seeds thousands of users with one hash in no time', async () => {
      const store = new Store(null);
      const many = new Cognito(store, clock);
      await many.seedPool({ id: 'us-east-1_Many00001', name: 'many' });
      const subs = new Set<string>();
      for (let i = 0; i < 5000; i++) {
        subs.add(await many.seedUser({ poolId: 'us-east-1_Many00001', username: `u${i}@example.com`, password }));
      }
      expect(subs.size).toBe(5000);
    }, 5000);
  });

  it('a trigger has five seconds, is called three times, and then the call fails (user-pool-lambda; docs)', async () => {
    listenTo(['PreTokenGeneration']);
    const cloud = await cognitoWithTriggers(triggers, null);
    const world = await CognitoWorld.open(cloud);
    const { email } = await world.someone();
    const called = new Promise<void>((resolve) => {
      const silent = () => {
        resolve();
        return new Promise(() => {});
      };
      listenTo(['PreTokenGeneration'], { PreTokenGeneration: silent });
    });
    jest.useFakeTimers({ doNotFake: ['Date', 'nextTick', 'queueMicrotask', 'setImmediate', 'performance', 'hrtime'] });
    try {
      const { signIn, pools } = world.cognito;
      const parameters = { USERNAME: email, PASSWORD };
      const answer = refusal(signIn.start(pools.client(world.clientId), 'USER_PASSWORD_AUTH', parameters));
      let settled = false;
      void answer.then(() => {
        settled = true;
      });
      await called;
      await jest.advanceTimersByTimeAsync(4999);
      const before = heard.length;
      await jest.advanceTimersByTimeAsync(1);
      const after = heard.length;
      await jest.advanceTimersByTimeAsync(9999);
      expect([before, after, heard.length, settled]).toEqual([1, 2, 3, false]);
      await jest.advanceTimersByTimeAsync(1);
      expect(await answer).toBe(
        'Error: PreTokenGeneration invocation failed due to error Socket timeout while invoking Lambda function.',
      );
    } finally {
      jest.useRealTimers();
      await cloud.close();
    }
  });

  it('the hosted pages keep neither codes nor cookies where they could be read', async () => {
    const hosted = await HostedWorld.start();
    const { code, visitor } = await hosted.entered();
    const kept = ['hosted-ui.grants', 'hosted-ui.sessions'].map((name) =>
      JSON.stringify(hosted.store.table(name).entries()),
    );
    const secrets = [code, visitor.cookies.get('cognito') ?? ''];
    expect(secrets.map((secret) => secret.length > 30 && kept.some((text) => text.includes(secret)))).toEqual([
      false,
      false,
    ]);
    expect(
      secrets.map((secret) => kept.some((text) => text.includes(createHash('sha256').update(secret).digest('hex')))),
    ).toEqual([true, true]);
    await hosted.close();
  });

  it('the SDK exports each operation as [9, namespace, name, traits, input, output]', () => {
    const operations = Object.values<unknown>(gatewaySdk).filter(isOperation);
    const [, namespace, , traits, input] = operations.find(([, , name]) => name === 'CreateUsagePlanKey') ?? [];
    expect(operations.length).toBeGreaterThanOrEqual(124);
    expect(operations.every(({ length }) => length === 6)).toBe(true);
    expect([namespace, traits]).toEqual([
      'com.amazonaws.apigateway',
      { http: ['POST', '/usageplans/{usagePlanId}/keys', 201] },
    ]);
    const structure: unknown = typeof input === 'function' ? input() : input;
    expect(Array.isArray(structure) && [...structure]).toEqual([
      3,
      'com.amazonaws.apigateway',
      'CreateUsagePlanKeyRequest',
      0,
      ['usagePlanId', 'keyId', 'keyType'],
      expect.anything(),
      3,
    ]);
  });

  function isOperation(value: unknown): value is [9, string, string, unknown, unknown, unknown] {
    return Array.isArray(value) && value[0] === 9;
  }
});
