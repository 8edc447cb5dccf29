import { Config } from '../../src/config.js';
import { KeysService } from '../../src/keys/keys.service.js';
import { Metrics } from '../../src/metrics.js';
import { PlanCatalogue } from '../../src/plans/plan-catalogue.service.js';
import { RedisConnection } from '../../src/redis.js';
import { subscriptionOf } from '../../src/subscriptions/customer.js';
import { Customers } from '../../src/subscriptions/customers.service.js';
import { OneAtATime } from '../../src/subscriptions/one-at-a-time.js';
import { Allowance } from '../../src/subscriptions/reconcile/allowance.service.js';
import { CleanUp } from '../../src/subscriptions/reconcile/clean-up.service.js';
import { DesiredState } from '../../src/subscriptions/reconcile/desired-state.service.js';
import { KeyIdentity } from '../../src/subscriptions/reconcile/key-identity.js';
import { Keyring } from '../../src/subscriptions/reconcile/keyring.service.js';
import { Placement } from '../../src/subscriptions/reconcile/placement.service.js';
import { Provisioning } from '../../src/subscriptions/reconcile/provisioning.service.js';
import { Reconciler } from '../../src/subscriptions/reconcile/reconciler.service.js';
import { Succession } from '../../src/subscriptions/reconcile/succession.service.js';
import type { Subscription } from '../../src/subscriptions/subscription.model.js';
import { SubscriptionsService } from '../../src/subscriptions/subscriptions.service.js';
import { governorFor } from '../support/governor.js';
import { WHO } from './cloud.js';
import type { Ports } from './ports.js';

const CLASSES = { Allowance, DesiredState, KeyIdentity, Keyring, Placement, Provisioning, Reconciler, Succession };

/** Classes put in place of the product's own, to see whether the suite notices. */
export type Variant = Partial<typeof CLASSES>;

/** What a sweep would see of the customer afterwards. */
export class Reconciled {
  constructor(readonly subscription: Subscription | null) {}
}

/** The real services of one process, as the container would put them together. */
export function productOf(ports: Ports, lagSeconds: number, variant: Variant) {
  const { directory, keys, usagePlans, clock } = ports;
  const of = { ...CLASSES, ...variant };
  const config = configWith(lagSeconds);
  const catalogue = new PlanCatalogue(usagePlans, clock, config);
  const identity = new of.KeyIdentity(config);
  const desiredState = new of.DesiredState(directory, identity, clock);
  const keyring = new of.Keyring(keys, identity, clock);
  const allowance = new of.Allowance(usagePlans, catalogue, keyring, clock, config);
  const placement = new of.Placement(usagePlans, catalogue, allowance, keyring);
  const succession = new of.Succession(keyring, placement, allowance, new CleanUp(keyring, desiredState, clock));
  const provisioning = new of.Provisioning(catalogue, keyring, placement, succession, allowance);
  const reconciler = new of.Reconciler(desiredState, provisioning, clock);
  const metrics = new Metrics(clock);
  const redis = new RedisConnection(config, clock, metrics);
  const governor = governorFor(config, clock, metrics); // on real time: no call to AWS passes it here
  const customers = new Customers(desiredState, provisioning, new OneAtATime(redis, clock), governor, config, clock);
  return {
    subscriptions: new SubscriptionsService(customers, catalogue, desiredState, reconciler, provisioning),
    keys: new KeysService(customers, catalogue, keyring, succession, reconciler),
    async reconcile() {
      const desired = await desiredState.read(WHO);
      return new Reconciled(desired && subscriptionOf(await reconciler.run(desired)));
    },
  };
}

export type Product = ReturnType<typeof productOf>;

const configs = new Map<number, Config>();

function configWith(lagSeconds: number): Config {
  const known = configs.get(lagSeconds);
  if (known) return known;
  const config = Config.read({
    AWS_REGION: 'us-east-1',
    COGNITO_USER_POOL_ID: 'us-east-1_Abc123XyZ',
    COGNITO_CLIENT_ID: 'client',
    KEY_SECRET: 's'.repeat(32),
    USAGE_LAG_SECONDS: String(lagSeconds),
  });
  configs.set(lagSeconds, config);
  return config;
}
