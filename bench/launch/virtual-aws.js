import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { Cognito } from '../../dist/sandbox/cognito/cognito.js';
import { Gateway } from '../../dist/sandbox/gateway/gateway.js';
import { Rates } from '../../dist/sandbox/habits/rates.js';
import { SerialAttach } from '../../dist/sandbox/habits/serial-attach.js';
import { NO_HABITS } from '../../dist/sandbox/habits/service-habits.js';
import { REGION, seed, seededPlans } from '../../dist/sandbox/seed.js';
import { seedMany } from '../../dist/sandbox/seed-many.js';
import { Store } from '../../dist/sandbox/store.js';

/** There and back. */
const ROUND_TRIP_MILLISECONDS = 40;
/** How long AWS is busy with putting a key into a plan; it does not say. */
const ATTACH_MILLISECONDS = 50;

/** The services of the sandbox with the rates of AWS, asked without a network in between, in the time of a given clock. */
export class VirtualAws {
  /** By operation: how often it was called, and refused. */
  calls = new Map();
  refused = 0;
  isStrict = false;

  /** By operation, and counted anew from now on. */
  takeCalls() {
    const taken = [...this.calls];
    this.calls = new Map();
    return taken;
  }

  static async start(clock) {
    const aws = new VirtualAws();
    const store = new Store(null);
    const rates = new Rates(() => clock.now().getTime());
    const serial = new SerialAttach();
    const around = async (call, run) => {
      if (!aws.isStrict) return run();
      aws.calls.set(call.operation, (aws.calls.get(call.operation) ?? 0) + 1);
      await clock.sleep(ROUND_TRIP_MILLISECONDS);
      try {
        rates.admit(call, { rateFactor: 1, retryAfter: true });
        if (!serial.concerns(call.operation)) return await run();
        return await serial.run(run, () => clock.sleep(ATTACH_MILLISECONDS));
      } catch (error) {
        if (error.status === 429 || error.status === 409 || /TooManyRequests/.test(error.type)) aws.refused += 1;
        throw error;
      }
    };
    const habits = { ...NO_HABITS, around };
    const time = { now: () => clock.now(), seconds: () => clock.seconds() };
    aws.cognito = new Cognito(store, time, habits);
    aws.gateway = new Gateway(store, time, (poolId, token) => aws.cognito.verify(poolId, token), habits);
    await seed(store, aws.cognito, aws.gateway);
    return aws;
  }

  plans() {
    return seededPlans(this.gateway);
  }

  planId(code) {
    return this.plans().find((plan) => plan.code === code)?.usagePlanId;
  }

  /** A key on a plan, past the rates. */
  makeKey(key, code) {
    const { id } = this.gateway.apiKeys.create(key);
    const usagePlanId = this.planId(code);
    this.gateway.usagePlanKeys.operations.CreateUsagePlanKey({ usagePlanId, keyId: id, keyType: 'API_KEY' });
    return id;
  }

  /** One call of the API with that key, on that plan. */
  call(code, keyId) {
    const plan = this.gateway.usagePlans.operations.GetUsagePlan({ usagePlanId: this.planId(code) });
    if (!this.gateway.usage.accept(plan, keyId)) throw new Error('The quota is used up');
  }

  async users(count) {
    return (await seedMany(this.cognito, this.gateway, { users: count })).users;
  }

  /** The SDK's clients, with the sandbox where the network would be. */
  clients() {
    const client = (service) => ({
      region: REGION,
      credentials: { accessKeyId: 'launch', secretAccessKey: 'any' },
      maxAttempts: 1,
      requestHandler: { handle: (request) => this.#handled(service, request) },
    });
    return {
      gateway: new APIGatewayClient(client(this.gateway)),
      cognito: new CognitoIdentityProviderClient(client(this.cognito)),
    };
  }

  /** Everything that a list of API Gateway holds; `ask` makes the command for the page at a position. */
  async pages(ask) {
    const { gateway } = this.clients();
    const all = [];
    for (let position; ; ) {
      const page = await gateway.send(ask(position));
      all.push(...(page.items ?? []));
      if (!page.position) return all;
      position = page.position;
    }
  }

  async #handled(service, { method, path, query = {}, headers, body = '' }) {
    const url = new URL(path, 'http://127.0.0.1');
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) url.searchParams.set(name, String(value));
    const lowered = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
    const reply = await service.answer({
      method,
      url,
      headers: lowered,
      body: typeof body === 'string' ? Buffer.from(body) : Buffer.concat([body]),
    });
    const response = { statusCode: reply.status, headers: { ...reply.headers }, body: Buffer.from(reply.body ?? '') };
    return { response };
  }
}
