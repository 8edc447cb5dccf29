import { APIGatewayClient, GetApiKeysCommand } from '@aws-sdk/client-api-gateway';
import { CognitoIdentityProviderClient, DescribeUserPoolCommand } from '@aws-sdk/client-cognito-identity-provider';
import type { Clock } from '../../src/clock.js';
import { Cognito } from '../../src/sandbox/cognito/cognito.js';
import { Gateway } from '../../src/sandbox/gateway/gateway.js';
import { Rates } from '../../src/sandbox/habits/rates.js';
import { SerialAttach } from '../../src/sandbox/habits/serial-attach.js';
import { NO_HABITS, type ServiceCall, type ServiceHabits } from '../../src/sandbox/habits/service-habits.js';
import { DEFAULTS } from '../../src/sandbox/habits/settings.js';
import type { SandboxReply, SandboxRequest } from '../../src/sandbox/http.js';
import { SandboxClock } from '../../src/sandbox/sandbox-clock.js';
import { REGION, seed, seededPlans, USER_POOL_ID } from '../../src/sandbox/seed.js';
import { seedMany } from '../../src/sandbox/seed-many.js';
import { Store } from '../../src/sandbox/store.js';

/** There and back. */
const ROUND_TRIP_MILLISECONDS = 40;
/** How long AWS is busy with putting a key into a plan; it does not say. */
const ATTACH_MILLISECONDS = 50;

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** The services of the sandbox with the rates of AWS, asked without a network in between, in the time of a clock. */
export class VirtualAws {
  /** Calls of API Gateway that were refused for its rates. */
  refused = 0;
  private readonly gateway: Gateway;
  private readonly cognito: Cognito;
  private readonly store = new Store(null);
  private readonly rates: Rates;
  private readonly serial = new SerialAttach();
  private isStrict = false;

  private constructor(private readonly clock: Clock) {
    this.rates = new Rates(() => clock.now().getTime());
    const time = new ClocksTime(clock);
    const habits: ServiceHabits = { ...NO_HABITS, around: (call, run) => this.around(call, run) };
    const cognito = new Cognito(this.store, time, habits);
    this.cognito = cognito;
    this.gateway = new Gateway(this.store, time, (poolId, token) => cognito.verify(poolId, token), habits);
  }

  /** Seeded, with so many users more. */
  static async start(clock: Clock, users: number) {
    const aws = new VirtualAws(clock);
    await seed(aws.store, aws.cognito, aws.gateway);
    const { users: people } = await seedMany(aws.cognito, aws.gateway, { users });
    return { aws, people };
  }

  /** From now on calls take time, and those over the rates are refused. */
  keepToRates(): void {
    this.isStrict = true;
  }

  planId(code: string): string {
    return seededPlans(this.gateway).find((plan) => plan.code === code)?.usagePlanId ?? '';
  }

  /** The SDK's clients, with the sandbox where the network would be. Made before the rates are kept to: each makes a first call. */
  async clients() {
    const client = (service: Gateway | Cognito) => ({
      region: REGION,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
      requestHandler: { handle: async (sent: Sent) => ({ response: await handled(service, sent) }) },
    });
    const gateway = new APIGatewayClient(client(this.gateway));
    const cognito = new CognitoIdentityProviderClient(client(this.cognito));
    // The SDK loads parts of itself with its first calls, in real time, of which a virtual clock knows nothing.
    await gateway.send(new GetApiKeysCommand({}));
    await cognito.send(new DescribeUserPoolCommand({ UserPoolId: USER_POOL_ID }));
    return { gateway, cognito };
  }

  private async around(call: ServiceCall, run: () => Promise<SandboxReply>): Promise<SandboxReply> {
    if (!this.isStrict) return run();
    await this.clock.sleep(ROUND_TRIP_MILLISECONDS);
    try {
      this.rates.admit(call, { ...DEFAULTS, retryAfter: true });
    } catch (refusal) {
      if (call.service === 'gateway') this.refused += 1;
      throw refusal;
    }
    if (!this.serial.concerns(call.operation)) return run();
    return this.serial.run(run, () => this.clock.sleep(ATTACH_MILLISECONDS));
  }
}

/** The sandbox's time is that of the clock. */
class ClocksTime extends SandboxClock {
  constructor(private readonly clock: Clock) {
    super();
  }

  override now(): Date {
    return this.clock.now();
  }
}

async function handled(
  service: { answer(request: SandboxRequest): Promise<SandboxReply> },
  { method, path, query = {}, headers, body = '' }: Sent,
) {
  const url = new URL(path, 'http://127.0.0.1');
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  const lowered = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const reply = await service.answer({
    method,
    url,
    headers: lowered,
    body: typeof body === 'string' ? Buffer.from(body) : Buffer.concat([body]),
  });
  return { statusCode: reply.status, headers: { ...reply.headers }, body: Buffer.from(reply.body ?? '') };
}
