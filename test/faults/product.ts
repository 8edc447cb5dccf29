import { CallerLimits } from '../../src/auth/limits/caller-limits.service.js';
import { Counts } from '../../src/auth/limits/counts.service.js';
import type { Governor } from '../../src/aws/governor.js';
import { ConfiguredKeySecrets } from '../../src/aws/secrets/configured-key-secrets.js';
import { Clock } from '../../src/clock.js';
import { Config } from '../../src/config.js';
import { Adoption } from '../../src/keys/adoption.service.js';
import { ForeignKeys } from '../../src/keys/foreign-keys.service.js';
import { KeysService } from '../../src/keys/keys.service.js';
import { Metrics } from '../../src/metrics.js';
import { PlanCatalogue } from '../../src/plans/plan-catalogue.service.js';
import { RedisConnection } from '../../src/redis.js';
import { subscriptionOf } from '../../src/subscriptions/customer.js';
import { Changes } from '../../src/subscriptions/customers/changes.service.js';
import { CustomerLook } from '../../src/subscriptions/customers/customer-look.service.js';
import { Customers } from '../../src/subscriptions/customers/customers.service.js';
import { OneAtATime } from '../../src/subscriptions/customers/one-at-a-time.js';
import { FleetIndex } from '../../src/subscriptions/fleet/fleet-index.js';
import { ListedCustomers } from '../../src/subscriptions/fleet/listed-customers.service.js';
import { Oversight } from '../../src/subscriptions/oversight.service.js';
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
import { Inspection } from '../../src/subscriptions/sweep/inspection.service.js';
import { Listing } from '../../src/subscriptions/sweep/listing.service.js';
import { Mending } from '../../src/subscriptions/sweep/mending.service.js';
import { Rehearsal } from '../../src/subscriptions/sweep/rehearsal.service.js';
import type { SweepReport } from '../../src/subscriptions/sweep/sweep-report.js';
import { Sweeper } from '../../src/subscriptions/sweep/sweeper.service.js';
import { Ungoverned } from '../support/governor.js';
import { type Person, POOL_ID } from './account.js';
import type { Ports } from './ports.js';

const CLASSES = {
  Allowance,
  CleanUp,
  DesiredState,
  Inspection,
  KeyIdentity,
  Keyring,
  Listing,
  Mending,
  Placement,
  Provisioning,
  Reconciler,
  Succession,
  Sweeper,
};

/** Classes put in place of the product's own, to see whether the suite notices. */
export type Variant = Partial<typeof CLASSES>;

/** What a repair would answer. */
export class Reconciled {
  constructor(readonly subscription: Subscription | null) {}
}

export class Swept {
  constructor(readonly report: SweepReport) {}
}

/** The real services of one process, as the container would put them together. */
export function productOf(ports: Ports, lagSeconds: number, secrets: string, variant: Variant) {
  const { directory, keys, usagePlans, clock } = ports;
  const of = { ...CLASSES, ...variant };
  const config = configWith(lagSeconds, secrets);
  const { redis, governor, metrics } = commonsWith(config);
  const catalogue = new PlanCatalogue(usagePlans, governor, clock, config);
  const identity = new of.KeyIdentity(config, new ConfiguredKeySecrets(config));
  const desiredState = new of.DesiredState(directory, identity, clock);
  const keyring = new of.Keyring(keys, identity, clock);
  const allowance = new of.Allowance(usagePlans, catalogue, keyring, clock, config);
  const placement = new of.Placement(usagePlans, catalogue, allowance, keyring);
  const cleanUp = new of.CleanUp(keyring, desiredState, clock);
  const succession = new of.Succession(keyring, placement, allowance, cleanUp);
  const provisioning = new of.Provisioning(catalogue, keyring, placement, succession, allowance);
  const fleet = new FleetIndex(clock);
  const reconciler = new of.Reconciler(desiredState, provisioning, fleet, clock);
  const turns = new OneAtATime(redis, clock);
  const listed = new ListedCustomers(fleet, turns, clock, config);
  const look = new CustomerLook(listed, desiredState, provisioning, governor, fleet, catalogue);
  const changes = new Changes(new Customers(look, config, clock), look, desiredState, turns, catalogue, governor);
  const listing = new of.Listing(directory, keys, usagePlans, catalogue, identity);
  const rehearsal = new Rehearsal(usagePlans, catalogue, identity, clock, config);
  const inspection = new of.Inspection(
    listing,
    rehearsal,
    desiredState,
    keyring,
    provisioning,
    cleanUp,
    catalogue,
    config,
  );
  const mending = new of.Mending(turns, desiredState, reconciler, cleanUp, placement, governor);
  const sweeper = new of.Sweeper(inspection, mending, fleet, governor, metrics, clock);
  const limits = new CallerLimits(config, new Counts(clock, redis), metrics);
  const subscriptions = new SubscriptionsService(changes, catalogue, desiredState, reconciler, provisioning, limits);
  const foreignKeys = new ForeignKeys(keys, usagePlans, catalogue, identity);
  return {
    subscriptions,
    keys: new KeysService(changes, catalogue, keyring, succession, reconciler, limits),
    oversight: new Oversight(changes, catalogue, desiredState, reconciler, subscriptions),
    adoption: new Adoption(changes, foreignKeys, desiredState, keyring, succession, reconciler),
    async reconcile(person: Person) {
      return turns.run(person.sub, async () => {
        const desired = await desiredState.read(person);
        return new Reconciled(desired && subscriptionOf(await reconciler.run(desired)));
      });
    },
    async sweep() {
      return new Swept(await sweeper.sweep());
    },
  };
}

let commons: {
  readonly redis: RedisConnection;
  readonly governor: Governor;
  readonly metrics: Metrics;
} | null = null;

/** What keeps nothing of a customer, and is dear to make. There is no Redis: nothing but AWS joins the processes. */
function commonsWith(config: Config) {
  if (commons) return commons;
  const clock = new Clock();
  const metrics = new Metrics(clock);
  const redis = new RedisConnection(config, clock, metrics);
  commons = {
    redis,
    metrics,
    governor: new Ungoverned(config, clock, metrics, redis),
  };
  return commons;
}

export type Product = ReturnType<typeof productOf>;

const configs = new Map<string, Config>();

function configWith(lagSeconds: number, secrets: string): Config {
  const name = `${lagSeconds} ${secrets}`;
  const config =
    configs.get(name) ??
    Config.read({
      AWS_REGION: 'us-east-1',
      COGNITO_USER_POOL_ID: POOL_ID,
      COGNITO_CLIENT_ID: 'client',
      LIMIT_ROTATIONS_PER_HOUR: '0',
      LIMIT_ROTATIONS_PER_DAY: '0',
      LIMIT_PLAN_CHANGES_PER_DAY: '0',
      KEY_SECRET: secrets,
      USAGE_LAG_SECONDS: String(lagSeconds),
    });
  configs.set(name, config);
  return config;
}
