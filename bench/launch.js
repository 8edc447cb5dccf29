import 'reflect-metadata';
import { GetApiKeysCommand, GetUsagePlanKeysCommand } from '@aws-sdk/client-api-gateway';
import { Test } from '@nestjs/testing';
import { AwsClients } from '../dist/aws/aws-clients.js';
import { AwsUnavailableError } from '../dist/aws/failures.js';
import { Governor } from '../dist/aws/governor.js';
import { KeyStore } from '../dist/aws/key-store.js';
import { UsagePlans } from '../dist/aws/usage-plans.js';
import { Clock } from '../dist/clock.js';
import { Config, configModule } from '../dist/config.js';
import { PlanCatalogue } from '../dist/plans/plan-catalogue.service.js';
import { CLIENT_ID, REGION, USER_POOL_ID } from '../dist/sandbox/seed.js';
import { SubscriptionsModule } from '../dist/subscriptions/subscriptions.module.js';
import { SubscriptionsService } from '../dist/subscriptions/subscriptions.service.js';
import { SweepModule } from '../dist/subscriptions/sweep/sweep.module.js';
import { Sweeper } from '../dist/subscriptions/sweep/sweeper.service.js';
import { BatchedKeys, BatchedPlans } from './launch/batched-keys.js';
import { VirtualAws } from './launch/virtual-aws.js';
import { VirtualClock } from './launch/virtual-clock.js';

/*
 * `npm run bench:launch [-- customers]`: a launch day. So many customers sign up as fast as Cognito lets them and subscribe
 * at once, against the sandbox with AWS's rates, through the services and the governor as they are built. Once keys are
 * made one by one, as Turnpike makes them; once by ImportApiKeys, for all who ask within a second, with two ports of this
 * benchmark in the place of the product's. Time is virtual, so every run prints the same.
 */

const CUSTOMERS = Number(process.argv[2] ?? 1000);
/** SignUp and ConfirmSignUp are of one category of Cognito's, 50 calls a second. */
const SIGN_UPS_PER_SECOND = 25;
const POLL_SECONDS = 5;
const PLAN = 'free';

class Launch {}

/** What an operator would set. */
const ENVIRONMENT = {
  AWS_REGION: REGION,
  COGNITO_USER_POOL_ID: USER_POOL_ID,
  COGNITO_CLIENT_ID: CLIENT_ID,
  KEY_SECRET: 'a-secret-for-a-benchmark-that-is-long-enough',
  SWEEP_INTERVAL_SECONDS: '0',
  USAGE_LAG_SECONDS: '0',
  LIMIT_MUTATIONS_PER_MINUTE: '0',
};

/** The services that subscribe people; `isBatched` puts this benchmark's ports in. */
async function servicesFor(aws, clock, isBatched) {
  const config = Config.read(ENVIRONMENT);
  const launch = { module: Launch, imports: [configModule(config), SubscriptionsModule, SweepModule] };
  const building = Test.createTestingModule({ imports: [launch] }).setLogger(false);
  building.overrideProvider(Clock).useValue(clock);
  building.overrideProvider(AwsClients).useValue(aws.clients());
  if (isBatched) {
    const told = { planId: aws.planId(PLAN), fleetPrefix: `${config.keyPrefix}.${USER_POOL_ID}.` };
    const keys = (clients, governor) => new BatchedKeys(clients, governor, clock, told);
    const plans = (clients, governor, batched) => new BatchedPlans(clients, governor, batched);
    building.overrideProvider(KeyStore).useFactory({ factory: keys, inject: [AwsClients, Governor] });
    building.overrideProvider(UsagePlans).useFactory({ factory: plans, inject: [AwsClients, Governor, KeyStore] });
  }
  return building.compile();
}

/** One customer, from the moment they are signed up until their key is on the plan; a page would ask again as they do. */
async function subscribed(service, clock, { sub, username }, tally) {
  const began = clock.now().getTime();
  for (;;) {
    try {
      const { subscription } = await service.subscribe({ sub, username, isAdmin: false }, PLAN);
      if (subscription?.state === 'ACTIVE') return (clock.now().getTime() - began) / 1000;
      tally.toldToWait += 1;
      await clock.sleep(POLL_SECONDS * 1000);
    } catch (error) {
      // What AWS did not do in time is TRY_AGAIN as well by the time a page hears of it.
      if (error.code !== 'TRY_AGAIN' && !(error instanceof AwsUnavailableError)) throw error;
      tally.toldToWait += 1;
      await clock.sleep(Math.max(1, error.retryAfterSeconds ?? POLL_SECONDS) * 1000);
    }
  }
}

/** What there is at the end, read past the services: keys that are enabled and on the plan. */
async function liveKeys(aws) {
  const { gateway } = aws.clients();
  const pages = async (ask) => {
    const all = [];
    for (let position; ; ) {
      const page = await gateway.send(ask(position));
      all.push(...(page.items ?? []));
      position = page.position;
      if (!position) return all;
    }
  };
  const usagePlanId = aws.planId(PLAN);
  const keys = await pages((position) => new GetApiKeysCommand({ limit: 500, position }));
  const inPlan = await pages((position) => new GetUsagePlanKeysCommand({ usagePlanId, limit: 500, position }));
  const onPlan = new Set(inPlan.map(({ id }) => id));
  return keys.filter(({ id, enabled }) => enabled && onPlan.has(id)).length;
}

async function launch(isBatched) {
  const clock = new VirtualClock();
  const aws = await VirtualAws.start(clock);
  const users = await aws.users(CUSTOMERS);
  const module = await servicesFor(aws, clock, isBatched);
  const service = module.get(SubscriptionsService, { strict: false });
  await clock.run(module.get(PlanCatalogue, { strict: false }).all()); // a server that runs has read its plans
  aws.isStrict = true;
  const tally = { toldToWait: 0 };
  const began = clock.now().getTime();
  const seconds = () => (clock.now().getTime() - began) / 1000;
  const subscribing = users.map(async (user, index) => {
    await clock.sleep((index / SIGN_UPS_PER_SECOND) * 1000);
    return subscribed(service, clock, user, tally);
  });
  const waits = await clock.run(Promise.all(subscribing));
  const all = seconds();
  const { calls, refused } = { calls: [...aws.calls], refused: aws.refused };
  const keys = module.get(KeyStore, { strict: false });
  const noting = (keys.noting ?? []).map(async ([id, username], index) => {
    await clock.sleep(index * 110); // slower than AWS's rate, for people go first
    return keys.change(id, { username });
  });
  await clock.run(Promise.all(noting));
  const noted = seconds();
  aws.isStrict = false;
  const live = await liveKeys(aws);
  const { driftCount } = await clock.run(module.get(Sweeper, { strict: false }).sweep());
  return figures({ waits, all, noted, calls, refused, tally, live, driftCount, imports: keys.imports ?? 0 });
}

function figures({ waits, all, noted, calls, refused, tally, live, driftCount, imports }) {
  const sorted = [...waits].sort((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))].toFixed(1);
  const isCognito = (name) => /^(Admin|List)/.test(name);
  const made = (wanted) =>
    calls.filter(([name]) => isCognito(name) === wanted).reduce((sum, [, count]) => sum + count, 0);
  const each = (count) => (count / CUSTOMERS).toFixed(2);
  return {
    'time to a live key, median, s': at(0.5),
    'the slowest of 100 waits, s': at(0.99),
    'all have a live key after, s': all.toFixed(0),
    'user names noted on all keys after, s': noted.toFixed(0),
    'calls of API Gateway a customer': each(made(false)),
    'calls of Cognito a customer': each(made(true)),
    'files imported': imports,
    'refused by AWS for its rates': refused,
    'answers that said when to ask again, a customer': each(tally.toldToWait),
    'live keys at the end': live,
    'what a sweep then finds to mend': driftCount,
  };
}

const [oneByOne, batched] = [await launch(false), await launch(true)];
console.log(`${CUSTOMERS} customers, of whom ${SIGN_UPS_PER_SECOND} sign up a second and subscribe at once.\n`);
console.log('| | one by one | in batches |\n|---|---|---|');
for (const [what, figure] of Object.entries(oneByOne)) console.log(`| ${what} | ${figure} | ${batched[what]} |`);
