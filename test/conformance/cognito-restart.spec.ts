import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Cognito } from '../../src/sandbox/cognito/cognito.js';
import { SandboxClock } from '../../src/sandbox/sandbox-clock.js';
import { CLIENT_ID } from '../../src/sandbox/seed.js';
import { Sandbox } from '../../src/sandbox/server.js';
import { Store } from '../../src/sandbox/store.js';
import { SrpClient } from './cognito/srp-client.js';
import { OTHER_PASSWORD, PASSWORD, refusal } from './cognito-rows.js';

const POOL = 'us-east-1_Conform01';
const CLIENT = 'conformclient0000000000001';
const EMAIL = 'grace@example.com';

describe('a restarted Cognito', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cognito-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  async function opened() {
    const store = new Store(directory);
    const cognito = new Cognito(store, new SandboxClock());
    await cognito.seedPool({ id: POOL, name: 'restart' });
    const ExplicitAuthFlows = ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_USER_SRP_AUTH'] as const;
    const settings = {
      ExplicitAuthFlows: [...ExplicitAuthFlows],
      RefreshTokenRotation: { Feature: 'ENABLED' as const },
    };
    cognito.seedClient({ poolId: POOL, clientId: CLIENT, settings });
    await cognito.seedUser({ poolId: POOL, username: EMAIL, password: PASSWORD });
    return { store, run: cognito.operations, mail: () => cognito.mail().at(-1)?.code ?? '' };
  }

  const ask = ({ run }: Pick<Awaited<ReturnType<typeof opened>>, 'run'>, srp: SrpClient) => {
    const AuthParameters = { USERNAME: EMAIL, SRP_A: srp.publicA };
    return run.InitiateAuth({ ClientId: CLIENT, AuthFlow: 'USER_SRP_AUTH', AuthParameters });
  };

  it('goes on with a sign-in by SRP that was half done, and takes its proof once', async () => {
    const before = await opened();
    const srp = new SrpClient(POOL);
    const { ChallengeParameters = {} } = await ask(before, srp);
    before.store.close();
    const after = await opened();
    const what = { ClientId: CLIENT, ChallengeName: 'PASSWORD_VERIFIER' as const };
    const ChallengeResponses = srp.answer(ChallengeParameters, PASSWORD);
    const { AuthenticationResult } = await after.run.RespondToAuthChallenge({ ...what, ChallengeResponses });
    expect(AuthenticationResult?.TokenType).toBe('Bearer');
    const again = after.run.RespondToAuthChallenge({ ...what, ChallengeResponses });
    expect(await refusal(again)).toContain('Invalid session for the user.');
    after.store.close();
  });

  it('knows which refresh tokens were replaced, and which code was sent', async () => {
    const before = await opened();
    const AuthParameters = { USERNAME: EMAIL, PASSWORD };
    const signedIn = await before.run.InitiateAuth({
      ClientId: CLIENT,
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters,
    });
    const first = signedIn.AuthenticationResult?.RefreshToken ?? '';
    const renew = (world: typeof before, RefreshToken: string) =>
      world.run.GetTokensFromRefreshToken({ ClientId: CLIENT, RefreshToken });
    const second = (await renew(before, first)).AuthenticationResult?.RefreshToken ?? '';
    before.run.ForgotPassword({ ClientId: CLIENT, Username: EMAIL });
    before.store.close();
    const after = await opened();
    expect(await refusal(renew(after, first))).toContain('Refresh token has been invalidated by rotation.');
    expect((await renew(after, second)).AuthenticationResult?.TokenType).toBe('Bearer');
    const reset = { ClientId: CLIENT, Username: EMAIL, ConfirmationCode: after.mail(), Password: OTHER_PASSWORD };
    expect(await after.run.ConfirmForgotPassword(reset)).toEqual({});
    after.store.close();
  });

  it('has written down no password and no refresh token', async () => {
    const { store, run } = await opened();
    const AuthParameters = { USERNAME: EMAIL, PASSWORD };
    const { AuthenticationResult = {} } = await run.InitiateAuth({
      ClientId: CLIENT,
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters,
    });
    const { RefreshToken = 'missing' } = AuthenticationResult;
    const renewed = await run.GetTokensFromRefreshToken({ ClientId: CLIENT, RefreshToken });
    store.close();
    const journal = await readFile(join(directory, 'journal.ndjson'), 'utf8');
    const secrets = [PASSWORD, RefreshToken, renewed.AuthenticationResult?.RefreshToken ?? 'missing'];
    expect(secrets.map((secret) => journal.includes(secret))).toEqual([false, false, false]);
    expect(journal).toContain('"verifier"');
  });
});

describe('a sandbox with triggers', () => {
  it('calls them for the seeded pool, after a reset too', async () => {
    const heard: string[] = [];
    const PreTokenGeneration = (event: { triggerSource: string }) => {
      heard.push(event.triggerSource);
      return event;
    };
    const sandbox = await Sandbox.start({ port: 0, directory: null, triggers: { PreTokenGeneration } });
    const signIn = () =>
      sandbox.cognito.operations.InitiateAuth({
        ClientId: CLIENT_ID,
        AuthFlow: 'USER_PASSWORD_AUTH',
        AuthParameters: { USERNAME: 'ada@example.com', PASSWORD: 'Turnpike-1' },
      });
    await signIn();
    await sandbox.reset();
    const { AuthenticationResult } = await signIn();
    await sandbox.close();
    expect(heard).toEqual(['TokenGeneration_Authentication', 'TokenGeneration_Authentication']);
    expect(AuthenticationResult?.TokenType).toBe('Bearer');
  });
});
