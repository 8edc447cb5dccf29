import { InitiateAuthCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  AuthenticationDetails,
  CognitoUser,
  CognitoUserAttribute,
  CognitoUserPool,
  type CognitoUserSession,
} from 'amazon-cognito-identity-js';
import { CLIENT_ID, USER_POOL_ID, USERS } from '../../src/sandbox/seed.js';
import { World } from '../support/world.js';

const PASSWORD = 'Turnpike-1';
const ANOTHER = 'Another-one-2';

interface Letter {
  readonly to: string;
  readonly code: string;
  readonly kind: string;
}

/** A visitor's browser with AWS's own library in it, which signs in by SRP; it is given nothing but public ids. */
class Browser {
  readonly user: CognitoUser;
  private readonly pool: CognitoUserPool;
  private readonly memory = new Map<string, string>();

  constructor(
    private readonly sandboxUrl: string,
    readonly email: string,
  ) {
    const Storage = {
      setItem: (key: string, value: string) => void this.memory.set(key, value),
      getItem: (key: string) => this.memory.get(key) ?? null,
      removeItem: (key: string) => void this.memory.delete(key),
      clear: () => this.memory.clear(),
    };
    const ids = { UserPoolId: USER_POOL_ID, ClientId: CLIENT_ID, endpoint: sandboxUrl };
    this.pool = new CognitoUserPool({ ...ids, Storage });
    this.user = new CognitoUser({ Username: email, Pool: this.pool, Storage });
  }

  signUp(): Promise<string> {
    const name = new CognitoUserAttribute({ Name: 'name', Value: 'Grace' });
    return new Promise((resolve, reject) => {
      this.pool.signUp(this.email, PASSWORD, [name], [], (error, result) =>
        result ? resolve(result.userSub) : reject(error),
      );
    });
  }

  confirm(code: string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.user.confirmRegistration(code, false, (error, result) => (error ? reject(error) : resolve(result)));
    });
  }

  signIn(password: string): Promise<CognitoUserSession> {
    const details = new AuthenticationDetails({ Username: this.email, Password: password });
    return new Promise((onSuccess, onFailure) => {
      const newPasswordRequired = () => onFailure(new Error('NEW_PASSWORD_REQUIRED'));
      this.user.authenticateUser(details, { onSuccess, onFailure, newPasswordRequired });
    });
  }

  refresh(session: CognitoUserSession): Promise<CognitoUserSession> {
    return new Promise((resolve, reject) => {
      this.user.refreshSession(session.getRefreshToken(), (error, renewed) =>
        error ? reject(error) : resolve(renewed),
      );
    });
  }

  changePassword(from: string, to: string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.user.changePassword(from, to, (error, result) => (error ? reject(error) : resolve(result)));
    });
  }

  forgotPassword(): Promise<unknown> {
    return new Promise((onSuccess, onFailure) => this.user.forgotPassword({ onSuccess, onFailure }));
  }

  confirmPassword(code: string, password: string): Promise<unknown> {
    return new Promise((onSuccess, onFailure) => this.user.confirmPassword(code, password, { onSuccess, onFailure }));
  }

  signOutEverywhere(): Promise<unknown> {
    return new Promise((onSuccess, onFailure) => this.user.globalSignOut({ onSuccess, onFailure }));
  }

  attributes(): Promise<Record<string, string>> {
    return new Promise((resolve, reject) => {
      this.user.getUserAttributes((error, found) =>
        error ? reject(error) : resolve(Object.fromEntries(found?.map((one) => [one.Name, one.Value]) ?? [])),
      );
    });
  }

  /** The newest letter of that kind, as somebody at the keyboard of the sandbox's machine reads it. */
  async code(kind: string): Promise<string> {
    const letters = (await (await fetch(`${this.sandboxUrl}/_sandbox/mail`)).json()) as Letter[];
    return letters.findLast((letter) => letter.to === this.email && letter.kind === kind)?.code ?? 'no letter';
  }
}

describe('a website with Amplify’s sign-in library', () => {
  let world: World;
  let count = 0;
  let browser: Browser;
  beforeAll(async () => {
    world = await World.start();
  });
  afterAll(() => world.close());
  beforeEach(() => {
    count += 1;
    browser = new Browser(world.sandbox.url, `grace-${count}@example.com`);
  });

  async function signedUp(): Promise<string> {
    const sub = await browser.signUp();
    await browser.confirm(await browser.code('sign-up'));
    return sub;
  }

  async function me(session: CognitoUserSession): Promise<unknown> {
    const reply = await fetch(`${world.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${session.getAccessToken().getJwtToken()}`,
      },
      body: JSON.stringify({ query: '{ me { id email } }' }),
    });
    return reply.json();
  }

  it('signs somebody up, in by SRP, and the server knows them', async () => {
    const sub = await signedUp();
    const session = await browser.signIn(PASSWORD);
    expect(session.isValid()).toBe(true);
    expect(await browser.attributes()).toMatchObject({ sub, name: 'Grace', email_verified: 'true' });
    expect(await me(session)).toEqual({ data: { me: { id: sub, email: browser.email } } });
  });

  it('keeps the seeded users’ promise too', async () => {
    const [{ username, password }] = USERS;
    const session = await new Browser(world.sandbox.url, username).signIn(password);
    expect(session.getIdToken().payload.email).toBe(username);
  });

  it('refuses a wrong password, an unknown user and an unconfirmed one', async () => {
    await signedUp();
    const stranger = new Browser(world.sandbox.url, 'nobody@example.com');
    const newcomer = new Browser(world.sandbox.url, `newcomer-${count}@example.com`);
    await newcomer.signUp();
    const wrong = { name: 'NotAuthorizedException', message: 'Incorrect username or password.' };
    await expect(browser.signIn('Wrong-word-1')).rejects.toMatchObject(wrong);
    await expect(stranger.signIn(PASSWORD)).rejects.toMatchObject(wrong);
    await expect(newcomer.signIn('Wrong-word-1')).rejects.toMatchObject(wrong);
    await expect(newcomer.signIn(PASSWORD)).rejects.toMatchObject({ name: 'UserNotConfirmedException' });
  });

  it('renews a session', async () => {
    await signedUp();
    const session = await browser.signIn(PASSWORD);
    const renewed = await browser.refresh(session);
    expect(renewed.getAccessToken().getJwtToken()).not.toBe(session.getAccessToken().getJwtToken());
    expect(renewed.getRefreshToken().getToken()).toBe(session.getRefreshToken().getToken());
    expect(await me(renewed)).toMatchObject({ data: { me: { email: browser.email } } });
  });

  it('changes a password', async () => {
    await signedUp();
    await browser.signIn(PASSWORD);
    await browser.changePassword(PASSWORD, ANOTHER);
    await expect(browser.signIn(PASSWORD)).rejects.toMatchObject({ name: 'NotAuthorizedException' });
    expect((await browser.signIn(ANOTHER)).isValid()).toBe(true);
  });

  it('gives a new password to who forgot the old one', async () => {
    await signedUp();
    await browser.forgotPassword();
    const wrong = { name: 'CodeMismatchException' };
    await expect(browser.confirmPassword('nothing', ANOTHER)).rejects.toMatchObject(wrong);
    await browser.confirmPassword(await browser.code('password-reset'), ANOTHER);
    await expect(browser.signIn(PASSWORD)).rejects.toMatchObject({ name: 'NotAuthorizedException' });
    expect((await browser.signIn(ANOTHER)).isValid()).toBe(true);
  });

  it('signs out everywhere', async () => {
    await signedUp();
    const elsewhere = new Browser(world.sandbox.url, browser.email);
    const other = await elsewhere.signIn(PASSWORD);
    await browser.signIn(PASSWORD);
    await browser.signOutEverywhere();
    await expect(elsewhere.attributes()).rejects.toMatchObject({ message: 'Access Token has been revoked' });
    const AuthParameters = { REFRESH_TOKEN: other.getRefreshToken().getToken() };
    const refresh = { ClientId: CLIENT_ID, AuthFlow: 'REFRESH_TOKEN_AUTH', AuthParameters } as const;
    await expect(world.cognito.send(new InitiateAuthCommand(refresh))).rejects.toMatchObject({
      message: 'Refresh Token has been revoked',
    });
  });
});
