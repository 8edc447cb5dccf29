import { Cognito } from './cognito/cognito.js';
import type { Letter } from './cognito/mailbox.js';
import type { PoolTriggers } from './cognito/triggers/events.js';
import { control } from './control.js';
import type { SandboxFunctions } from './gateway/data-plane/functions.js';
import { Gateway } from './gateway/gateway.js';
import { NO_HABITS, type ServiceHabits } from './habits/service-habits.js';
import { Habits } from './habits.js';
import { HostedUi } from './hosted-ui/hosted-ui.js';
import { isForHere, isFromElsewhere, listen, type SandboxReply, type SandboxRequest } from './http.js';
import { Iam, type Policies } from './iam/iam.js';
import { isSigned, json } from './json-protocol.js';
import { isForKms, Kms } from './kms/kms.js';
import { SandboxClock } from './sandbox-clock.js';
import {
  allowWebsite,
  CLIENT_ID,
  isSeeded,
  REGION,
  REST_API_ID,
  SERVER_PORT,
  STAGE,
  seed,
  seededPlans,
  USER_POOL_ID,
  USERS,
} from './seed.js';
import { type SeededMany, type SeedManyOrder, seedMany } from './seed-many.js';
import { lockState } from './state-lock.js';
import { Store } from './store.js';

export interface SandboxOptions {
  /** 0 picks a free port. */
  readonly port: number;
  /** Where the journal is kept; null keeps everything in memory. */
  readonly directory: string | null;
  /** In the place of the seeded pool's Lambda triggers. */
  readonly triggers?: PoolTriggers;
  /** Lambda functions for authorizers and integrations of APIs and for triggers of pools, by name. */
  readonly functions?: SandboxFunctions;
  /** What whoever signs with an access key id may do; those without a policy may do everything. */
  readonly policies?: Policies;
}

export interface SandboxInfo {
  readonly region: string;
  readonly userPoolId: string;
  readonly clientId: string;
  readonly restApiId: string;
  readonly stage: string;
  readonly invokeUrl: string;
  /** Where the hosted pages send people back to, unless a link says otherwise. */
  readonly website: string;
  readonly users: readonly { username: string; password: string; groups: readonly string[] }[];
  readonly plans: readonly { code: string; usagePlanId: string }[];
}

interface Services {
  readonly cognito: Cognito;
  readonly gateway: Gateway;
  readonly hostedUi: HostedUi;
  readonly kms: Kms;
}

/** A Cognito, an API Gateway and a very small KMS on one loopback port, seeded. */
export class Sandbox {
  readonly clock = new SandboxClock();
  readonly store: Store;
  readonly habits: Habits;
  private readonly websitePorts = new Set<number>();
  private services: Services;
  private resetting: Promise<void> | null = null;
  private listener = { port: 0, close: async (): Promise<void> => {} };

  private constructor(
    directory: string | null,
    private readonly triggers: PoolTriggers,
    private readonly functions: SandboxFunctions,
    private readonly iam: Iam,
    private readonly unlock: () => void,
  ) {
    this.store = new Store(directory);
    this.habits = new Habits(this.store, this.clock, (copy) => this.openServices(copy, NO_HABITS));
    this.services = this.openServices(this.store, iam.before(this.habits));
  }

  static async start({
    port,
    directory,
    triggers = {},
    functions = {},
    policies = {},
  }: SandboxOptions): Promise<Sandbox> {
    if (process.env.NODE_ENV === 'production')
      throw new Error('The sandbox refuses to run with NODE_ENV=production: it verifies no signatures.');
    const iam = new Iam(policies);
    const unlock = directory === null ? () => {} : lockState(directory);
    const sandbox = new Sandbox(directory, triggers, functions, iam, unlock);
    try {
      if (!isSeeded(sandbox.store)) await sandbox.reset();
      sandbox.kms.seed(); // in a store of earlier days too
      sandbox.listener = await listen(port, (request) => sandbox.answer(request));
    } catch (error) {
      await sandbox.close();
      throw error;
    }
    return sandbox;
  }

  get port(): number {
    return this.listener.port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get cognito(): Cognito {
    return this.services.cognito;
  }

  get gateway(): Gateway {
    return this.services.gateway;
  }

  get kms(): Kms {
    return this.services.kms;
  }

  info(): SandboxInfo {
    return {
      region: REGION,
      userPoolId: USER_POOL_ID,
      clientId: CLIENT_ID,
      restApiId: REST_API_ID,
      stage: STAGE,
      invokeUrl: `${this.url}/_aws/execute-api/${REST_API_ID}/${STAGE}`,
      website: `http://localhost:${[...this.websitePorts].at(-1) ?? SERVER_PORT}/`,
      users: USERS,
      plans: seededPlans(this.gateway),
    };
  }

  mail(): readonly Letter[] {
    return this.cognito.mail();
  }

  /** Makes many users at once, and keys to fill the account with. */
  seedMany(order: SeedManyOrder): Promise<SeededMany> {
    return seedMany(this.cognito, this.gateway, order);
  }

  /** The hosted pages send people back to a website on this port too, whatever it is, and after a reset as well. */
  allowWebsite(port: number): void {
    this.websitePorts.add(port);
    allowWebsite(this.cognito, port);
  }

  /** Drops everything, habits included, sets the clock right and seeds again: once for all who ask meanwhile. */
  reset(): Promise<void> {
    this.resetting ??= this.resetNow().finally(() => {
      this.resetting = null;
    });
    return this.resetting;
  }

  /** What is under way goes on with services whose tables nobody reads any more. */
  private async resetNow(): Promise<void> {
    this.habits.reset();
    this.store.clear();
    this.clock.reset();
    this.services = this.openServices(this.store, this.iam.before(this.habits));
    await seed(this.store, this.cognito, this.gateway);
    this.kms.seed();
    for (const port of this.websitePorts) allowWebsite(this.cognito, port);
  }

  async close(): Promise<void> {
    this.habits.reset();
    await this.listener.close();
    this.store.close();
    this.unlock();
  }

  private openServices(store: Store, habits: ServiceHabits): Services {
    const cognito = new Cognito(store, this.clock, habits, { [USER_POOL_ID]: this.triggers }, this.functions);
    const verify = (poolId: string, token: string) => cognito.verify(poolId, token);
    const gateway = new Gateway(store, this.clock, verify, habits, this.functions);
    return { cognito, gateway, hostedUi: new HostedUi(cognito), kms: new Kms(store, habits) };
  }

  private async answer(request: SandboxRequest): Promise<SandboxReply> {
    if (!isForHere(request)) return denied('The sandbox answers to 127.0.0.1 and localhost alone');
    const { pathname } = request.url;
    if (pathname.startsWith('/_sandbox/')) return control(this, request);
    await this.resetting; // nobody finds it half seeded
    if (pathname.startsWith('/_aws/execute-api/')) return this.gateway.execute(request);
    // Signatures are not verified: any website that is open could sign, and do what an account's owner may.
    if (isSigned(request) && isFromElsewhere(request))
      return openToBrowsers(denied('Only this machine’s pages may sign'));
    if (request.method === 'OPTIONS' && pathname === '/') return preflight(request);
    if (isForKms(request)) return this.services.kms.answer(request);
    if (isForCognito(request)) return openToBrowsers(await this.cognito.answer(request));
    const wellKnown = this.cognito.wellKnown(request);
    if (wellKnown) return openToBrowsers(wellKnown);
    return (await this.services.hostedUi.answer(request)) ?? this.gateway.answer(request);
  }
}

function denied(message: string): SandboxReply {
  return json(403, { __type: 'AccessDeniedException', message }, { 'x-amzn-errortype': 'AccessDeniedException' });
}

/** Pages sign people in by calling Cognito themselves, so it lets every origin in; API Gateway's control plane does not. */
function preflight({ headers }: SandboxRequest): SandboxReply {
  const allowed = {
    'access-control-allow-methods': 'POST',
    'access-control-allow-headers': headers['access-control-request-headers'] ?? '',
    'access-control-max-age': '172800',
  };
  return openToBrowsers({ status: 200, headers: allowed });
}

/** On AWS each service has a host of its own; here the protocol says which is meant. */
function isForCognito({ headers }: SandboxRequest): boolean {
  return headers['x-amz-target'] !== undefined || headers['content-type'] === 'application/x-amz-json-1.1';
}

function openToBrowsers(reply: SandboxReply): SandboxReply {
  const open = {
    'access-control-allow-origin': '*',
    'access-control-expose-headers': 'x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date',
  };
  return { ...reply, headers: { ...open, ...reply.headers } };
}
