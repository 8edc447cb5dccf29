import { resolve } from 'node:path';
import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { CognitoIdentityProviderClient, InitiateAuthCommand } from '@aws-sdk/client-cognito-identity-provider';
import type { CallCount } from '../../src/sandbox/habits/calls.js';
import type { FaultRule } from '../../src/sandbox/habits/fault-rule.js';
import type { FaultReport } from '../../src/sandbox/habits/faults.js';
import type { HabitSettings } from '../../src/sandbox/habits/settings.js';
import { CLIENT_ID, REGION } from '../../src/sandbox/seed.js';
import type { SeededMany, SeedManyOrder } from '../../src/sandbox/seed-many.js';
import type { SandboxInfo } from '../../src/sandbox/server.js';
import { Process } from './process.js';

const SANDBOX = resolve('dist/sandbox/main.js');
const credentials = { accessKeyId: 'admin', secretAccessKey: 'admin' };
const SIGN_INS_AT_ONCE = 10;

/** A user of the pool who has signed in. */
export interface Account {
  readonly sub: string;
  readonly username: string;
  readonly token: string;
}

/** A call of the deployed API: its status, and what it says. */
export interface ApiReply {
  readonly status: number;
  readonly text: string;
}

/** The sandbox as a process of its own, with its switches and the SDK as an admin would use it. */
export class SandboxProcess {
  readonly gateway: APIGatewayClient;
  readonly cognito: CognitoIdentityProviderClient;

  private constructor(
    private readonly process: Process,
    readonly url: string,
    readonly info: SandboxInfo,
  ) {
    const client = { region: REGION, endpoint: url, credentials, maxAttempts: 10 };
    this.gateway = new APIGatewayClient(client);
    this.cognito = new CognitoIdentityProviderClient(client);
  }

  /** In memory, unless it is told in which folder to keep its state. */
  static async start(folder?: string): Promise<SandboxProcess> {
    const env = { SANDBOX_PORT: '0', ...(folder === undefined && { SANDBOX_STATE: 'memory' }) };
    const child = new Process(process.execPath, [SANDBOX, '--no-server'], env, folder);
    const url = await child.says(/Sandbox +(http:\/\/[^/]+)\//);
    const info = await fetch(`${url}/_sandbox/info`);
    return new SandboxProcess(child, url, (await info.json()) as SandboxInfo);
  }

  seed(order: SeedManyOrder): Promise<SeededMany> {
    return this.control('POST', 'seed', order);
  }

  /** Users without plans, each with a token. */
  async accounts(count: number): Promise<readonly Account[]> {
    const { users, password } = await this.seed({ users: count });
    const accounts: Account[] = [];
    for (let at = 0; at < users.length; at += SIGN_INS_AT_ONCE) {
      const some = users.slice(at, at + SIGN_INS_AT_ONCE);
      const signedIn = some.map(async ({ sub, username, email }) => {
        return { sub, username, token: await this.tokenOf(email, password) };
      });
      accounts.push(...(await Promise.all(signedIn)));
    }
    return accounts;
  }

  habits(settings: Partial<HabitSettings>): Promise<unknown> {
    return this.control('POST', 'habits', settings);
  }

  addFaults(rules: readonly FaultRule[]): Promise<unknown> {
    return this.control('POST', 'faults', rules);
  }

  /** Ends all faults, and tells which there were. */
  async endFaults(): Promise<readonly FaultReport[]> {
    const reports = await this.control<FaultReport[]>('GET', 'faults');
    await this.control('DELETE', 'faults');
    return reports;
  }

  calls(): Promise<Readonly<Record<string, CallCount>>> {
    return this.control('GET', 'calls');
  }

  resetCalls(): Promise<unknown> {
    return this.control('POST', 'calls/reset');
  }

  async callApi(keyValue: string): Promise<ApiReply> {
    const reply = await fetch(`${this.info.invokeUrl}/open`, { headers: { 'x-api-key': keyValue } });
    return { status: reply.status, text: await reply.text() };
  }

  close(): Promise<unknown> {
    this.gateway.destroy();
    this.cognito.destroy();
    return this.process.kill();
  }

  private async tokenOf(email: string, password: string): Promise<string> {
    const AuthParameters = { USERNAME: email, PASSWORD: password };
    const signIn = { AuthFlow: 'USER_PASSWORD_AUTH' as const, ClientId: CLIENT_ID, AuthParameters };
    const { AuthenticationResult } = await this.cognito.send(new InitiateAuthCommand(signIn));
    return AuthenticationResult?.AccessToken ?? '';
  }

  private async control<T>(method: string, path: string, body?: unknown): Promise<T> {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const reply = await fetch(`${this.url}/_sandbox/${path}`, { method, ...sent });
    if (!reply.ok) throw new Error(`${method} ${path}: ${await reply.text()}`);
    return (await reply.json()) as T;
  }
}
