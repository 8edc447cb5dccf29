import { GetApiKeysCommand, GetUsagePlanKeysCommand } from '@aws-sdk/client-api-gateway';
import { AwsClients } from '../dist/aws/aws-clients.js';
import { AwsUnavailableError } from '../dist/aws/failures.js';
import { Governor } from '../dist/aws/governor.js';
import { KeyStore } from '../dist/aws/key-store.js';
import { PlanCatalogue } from '../dist/plans/plan-catalogue.service.js';
import { VirtualAws } from '../dist/sandbox/virtual/virtual-aws.js';
import { VirtualClock } from '../dist/sandbox/virtual/virtual-clock.js';
import { DesiredState } from '../dist/subscriptions/reconcile/desired-state.service.js';
import { KeyIdentity } from '../dist/subscriptions/reconcile/key-identity.js';
import { SubscriptionsService } from '../dist/subscriptions/subscriptions.service.js';
import { Sweeper } from '../dist/subscriptions/sweep/sweeper.service.js';
import { Importer } from './launch/importer.js';
import { pages } from './launch/pages.js';
import { services } from './launch/services.js';

/*
 * `npm run bench:launch [-- customers]`: a launch day. So many customers sign up as fast as Cognito lets them and subscribe
 * at once, against the sandbox with AWS's rates, through the services and the governor as they are built. Once keys are
 * made one by one, as Turnpike makes them; once by ImportApiKeys, a file for all who ask within a second, which is not in the
 * product: it records the plan by the product's services, and leaves the rest to a sweep. Time is virtual, so every run
 * prints the same. A second number says how many sign up a second: a launch over four accounts is one of 250 at 6.25.
 */

const CUSTOMERS = Number(process.argv[2] ?? 1000);
/** SignUp and ConfirmSignUp are of one category of Cognito's, 50 calls a second. */
const SIGN_UPS_PER_SECOND = Number(process.argv[3] ?? 25);
const POLL_SECONDS = 5;
const PLAN = 'free';

/** As Turnpike does it: true once the key is on its plan. */
function oneByOne(get) {
  const service = get(SubscriptionsService);
  return async (who) => (await service.subscribe({ ...who, isAdmin: false }, PLAN)).subscription?.state === 'ACTIVE';
}

/** The plan is recorded, and the key comes with the next file. */
function byFiles(get, importer) {
  const desiredState = get(DesiredState);
  return async (who) => {
    await desiredState.writePlan(await desiredState.read(who), PLAN);
    await importer.keyFor(who.sub);
    return true;
  };
}

/** One customer, from the moment they are signed up until they have a live key; a page would ask again as they do. */
async function waited(subscribe, clock, who, tally) {
  const began = clock.now().getTime();
  for (;;) {
    let seconds = POLL_SECONDS;
    try {
      if (await subscribe(who)) return (clock.now().getTime() - began) / 1000;
    } catch (error) {
      // What AWS did not do in time is TRY_AGAIN as well by the time a page hears of it.
      if (error.code !== 'TRY_AGAIN' && !(error instanceof AwsUnavailableError)) throw error;
      seconds = Math.max(1, error.retryAfterSeconds ?? POLL_SECONDS);
    }
    tally.again += 1;
    await clock.sleep(seconds * 1000);
  }
}

/** What there is at the end, read past the services: keys that are enabled and on the plan. */
async function liveKeys(aws) {
  const usagePlanId = aws.planId(PLAN);
  const keys = await pages(aws, (position) => new GetApiKeysCommand({ limit: 500, position }));
  const inPlan = await pages(aws, (position) => new GetUsagePlanKeysCommand({ usagePlanId, limit: 500, position }));
  const onPlan = new Set(inPlan.map(({ id }) => id));
  return keys.filter(({ id, enabled }) => enabled && onPlan.has(id)).length;
}

async function launch(isByFiles) {
  const clock = new VirtualClock();
  const aws = await VirtualAws.start(clock);
  const users = await aws.users(CUSTOMERS);
  const get = await services(aws, clock, { USAGE_LAG_SECONDS: '0' });
  await clock.run(get(PlanCatalogue).all()); // a server that runs has read its plans
  const importer = new Importer(get(AwsClients), get(Governor), clock, get(KeyIdentity), aws.planId(PLAN));
  const subscribe = isByFiles ? byFiles(get, importer) : oneByOne(get);
  aws.keepToRates(true);
  const tally = { again: 0 };
  const began = clock.now().getTime();
  const seconds = () => (clock.now().getTime() - began) / 1000;
  const waiting = users.map(async ({ sub, username }, index) => {
    await clock.sleep((index / SIGN_UPS_PER_SECOND) * 1000);
    return waited(subscribe, clock, { sub, username }, tally);
  });
  const waits = await clock.run(Promise.all(waiting));
  const all = seconds();
  const { calls, refused } = { calls: aws.takeCalls(), refused: aws.refused };
  const first = await clock.run(get(Sweeper).sweep());
  if (isByFiles) await clock.run(noteUserNames(get, users));
  const settled = seconds();
  const last = await clock.run(get(Sweeper).sweep());
  aws.keepToRates(false);
  const mended = { left: first.driftCount, atLast: last.driftCount };
  return figures({
    waits,
    all,
    settled,
    calls,
    refused,
    tally,
    mended,
    live: await liveKeys(aws),
    files: importer.files,
  });
}

/** No column of a file holds a user name, without which nobody can later prove that a key's owner is gone. */
async function noteUserNames(get, users) {
  const usernames = new Map(users.map(({ sub, username }) => [get(KeyIdentity).name(sub, 1), username]));
  const keys = await get(KeyStore).list(get(KeyIdentity).fleetPrefix);
  const note = ({ id, name }) => get(KeyStore).change(id, { username: usernames.get(name) });
  await get(Governor).background(() => Promise.all(keys.map(note)));
}

function figures({ waits, all, settled, calls, refused, tally, mended, live, files }) {
  const sorted = [...waits].sort((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))].toFixed(1);
  const isCognito = (name) => /^(Admin|List)/.test(name);
  const made = (wanted) =>
    calls.filter(([name]) => isCognito(name) === wanted).reduce((sum, [, count]) => sum + count, 0) / CUSTOMERS;
  return {
    'time to a live key, median, s': at(0.5),
    'time to a live key, the slowest of 100, s': at(0.99),
    'all have a live key after, s': all.toFixed(0),
    'nothing is left to be done after, s': settled.toFixed(0),
    'calls of API Gateway for each, until all have a key': made(false).toFixed(2),
    'calls of Cognito for each, until all have a key': made(true).toFixed(2),
    'files imported': files,
    'refused by AWS for its rates': refused,
    'times a customer had to ask again': (tally.again / CUSTOMERS).toFixed(2),
    'live keys at the end': live,
    'customers whom a sweep then had to finish': mended.left,
    'and the sweep after that': mended.atLast,
  };
}

const [single, inFiles] = [await launch(false), await launch(true)];
console.log(`${CUSTOMERS} customers, of whom ${SIGN_UPS_PER_SECOND} sign up a second and subscribe at once.\n`);
console.log('| | one by one | in files |\n|---|---|---|');
for (const [what, figure] of Object.entries(single)) console.log(`| ${what} | ${figure} | ${inFiles[what]} |`);
