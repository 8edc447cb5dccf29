import { APIGatewayClient, type CreateApiKeyCommandInput, GetApiKeysCommand } from '@aws-sdk/client-api-gateway';
import { CognitoIdentityProviderClient, DescribeUserPoolCommand } from '@aws-sdk/client-cognito-identity-provider';
import { Cognito } from '../cognito/cognito.js';
import { Gateway } from '../gateway/gateway.js';
import { Rates } from '../habits/rates.js';
import { SerialAttach } from '../habits/serial-attach.js';
import { NO_HABITS, type ServiceCall, type ServiceHabits } from '../habits/service-habits.js';
import { DEFAULTS } from '../habits/settings.js';
import type { SandboxReply, SandboxRequest } from '../http.js';
import { REGION, seed, seededPlans, USER_POOL_ID } from '../seed.js';
import { seedMany } from '../seed-many.js';
import { Store } from '../store.js';
import type { VirtualClock } from './virtual-clock.js';

/** There and back. */
const ROUND_TRIP_MILLISECONDS = 40;
/** How long AWS is busy with putting a key into a plan; it does not say. */
const ATTACH_MILLISECONDS = 50;

interface Service {
  answer(request: SandboxRequest): Promise<SandboxReply>;
}

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/**
 * The seeded services of the sandbox at AWS's rates, without a network in between and in the time of a clock: what takes an
 * account an hour is played in seconds. Services of the product are put on its `clients`.
 */
export class VirtualAws {
  /** The SDK's, with the sandbox where the network would be. */
  readonly clients: { readonly gateway: APIGatewayClient; readonly cognito: CognitoIdentityProviderClient };
  /** Calls that were refused: over the rates, or beside another one that attaches. */
  refused = 0;
  private readonly gateway: Gateway;
  private readonly cognito: Cognito;
  private readonly store = new Store(null);
  private readonly rates: Rates;
  private readonly serial = new SerialAttach();
  private readonly calls = new Map<string, number>();
  private isStrict = false;

  private constructor(private readonly clock: VirtualClock) {
    this.rates = new Rates(() => clock.now().getTime());
    const habits: ServiceHabits = { ...NO_HABITS, around: (call, run) => this.around(call, run) };
    const cognito = new Cognito(this.store, clock, habits);
    this.cognito = cognito;
    this.gateway = new Gateway(this.store, clock, (poolId, token) => cognito.verify(poolId, token), habits);
    this.clients = {
      gateway: new APIGatewayClient(settingsFor(this.gateway)),
      cognito: new CognitoIdentityProviderClient(settingsFor(cognito)),
    };
  }

  static async start(clock: VirtualClock): Promise<VirtualAws> {
    const aws = new VirtualAws(clock);
    await seed(aws.store, aws.cognito, aws.gateway);
    // The SDK loads parts of itself with its first calls, in real time, of which a virtual clock knows nothing.
    await aws.clients.gateway.send(new GetApiKeysCommand({}));
    await aws.clients.cognito.send(new DescribeUserPoolCommand({ UserPoolId: USER_POOL_ID }));
    return aws;
  }

  /** Whether calls take time, are counted, and are refused over the rates; before and afterwards the world is made and looked at. */
  keepToRates(isStrict: boolean): void {
    this.isStrict = isStrict;
  }

  /** How often each operation was called since the last time. */
  takeCalls(): (readonly [operation: string, calls: number])[] {
    const taken = [...this.calls];
    this.calls.clear();
    return taken;
  }

  async users(count: number) {
    return (await seedMany(this.cognito, this.gateway, { users: count })).users;
  }

  plans() {
    return seededPlans(this.gateway);
  }

  planId(code: string): string {
    return this.plans().find((plan) => plan.code === code)?.usagePlanId ?? '';
  }

  /** A key on a plan, past the rates; answers its id. */
  makeKey(key: CreateApiKeyCommandInput, code: string): string {
    const { id } = this.gateway.apiKeys.create(key);
    const membership = { usagePlanId: this.planId(code), keyId: id, keyType: 'API_KEY' };
    this.gateway.usagePlanKeys.operations.CreateUsagePlanKey(membership);
    return id;
  }

  /** One call of the API with that key, on that plan. */
  call(code: string, keyId: string): void {
    const plan = this.gateway.usagePlans.operations.GetUsagePlan({ usagePlanId: this.planId(code) });
    if (!this.gateway.usage.accept(plan, keyId)) throw new Error('The quota is used up');
  }

  private async around(call: ServiceCall, run: () => Promise<SandboxReply>): Promise<SandboxReply> {
    if (!this.isStrict) return run();
    this.calls.set(call.operation, (this.calls.get(call.operation) ?? 0) + 1);
    await this.clock.sleep(ROUND_TRIP_MILLISECONDS);
    let isAdmitted = false;
    const admitted = () => {
      isAdmitted = true;
      return run();
    };
    try {
      this.rates.admit(call, { ...DEFAULTS, retryAfter: true });
      if (!this.serial.concerns(call.operation)) return await admitted();
      return await this.serial.run(admitted, () => this.clock.sleep(ATTACH_MILLISECONDS));
    } catch (error) {
      if (!isAdmitted) this.refused += 1;
      throw error;
    }
  }
}

function settingsFor(service: Service) {
  return {
    region: REGION,
    credentials: { accessKeyId: 'virtual', secretAccessKey: 'any' },
    maxAttempts: 1,
    requestHandler: { handle: async (sent: Sent) => ({ response: await answered(service, sent) }) },
  };
}

async function answered(service: Service, { method, path, query = {}, headers, body = '' }: Sent) {
  const url = new URL(path, 'http://127.0.0.1');
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  const lowered = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const sent = typeof body === 'string' ? Buffer.from(body) : Buffer.from(body.buffer, body.byteOffset, body.length);
  const reply = await service.answer({ method, url, headers: lowered, body: sent });
  return { statusCode: reply.status, headers: { ...reply.headers }, body: Buffer.from(reply.body ?? '') };
}
