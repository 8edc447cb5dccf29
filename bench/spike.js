import { GetApiKeysCommand, GetUsagePlanKeysCommand } from '@aws-sdk/client-api-gateway';
import { AwsUnavailableError } from '../dist/aws/failures.js';
import { PlanCatalogue } from '../dist/plans/plan-catalogue.service.js';
import { VirtualAws } from '../dist/sandbox/virtual/virtual-aws.js';
import { VirtualClock } from '../dist/sandbox/virtual/virtual-clock.js';
import { DesiredState } from '../dist/subscriptions/reconcile/desired-state.service.js';
import { KeyIdentity } from '../dist/subscriptions/reconcile/key-identity.js';
import { SubscriptionsService } from '../dist/subscriptions/subscriptions.service.js';
import { pages } from './launch/pages.js';
import { services } from './launch/services.js';

/*
 * `npm run bench:spike [-- customers seconds]`: so many customers subscribe for the first time within so many seconds, against
 * the sandbox with AWS's rates, through the services and the governor as they are built, in virtual time. Whoever is told
 * to come back does so then. It fails when somebody has no key or half of one at the end, when it took longer than AWS's
 * rates leave for so many calls and a tenth, and when people were told another time than it took.
 */

const CUSTOMERS = Number(process.argv[2] ?? 1000);
const WITHIN_SECONDS = Number(process.argv[3] ?? 10);
const PLAN = 'free';
const POLL_SECONDS = 5;
const LEAST_OF_RATE = 0.9;
/** By how much more than what they were told nine of ten waited at most: answering takes a while as well. */
const MOST_LATE_SECONDS = 10;
/** AWS's rates: calls a second, how many at once, and which operations count. Cognito names no burst. */
const RATES = [
  ['API Gateway, all', 10, 40, /^(?!Admin|List|Describe)/],
  ['CreateApiKey', 5, 5, /^CreateApiKey$/],
  ['Cognito, UserRead', 120, 120, /^AdminGetUser$/],
  ['Cognito, UserUpdate', 25, 25, /^AdminUpdateUserAttributes$/],
];

/** From the first `subscribe` until there is a live key: what was told first, what it took, and how often it was asked. */
async function customer(get, clock, who) {
  const began = clock.now().getTime();
  const told = [];
  let provisioning = 0;
  for (;;) {
    let seconds = POLL_SECONDS;
    try {
      const { subscription, key } = await get(SubscriptionsService).subscribe({ ...who, isAdmin: false }, PLAN);
      if (subscription.state === 'ACTIVE' && key) {
        return {
          told: told[0] ?? 0,
          took: (clock.now().getTime() - began) / 1000,
          asked: told.length + 1,
          provisioning,
        };
      }
      provisioning += 1;
    } catch (error) {
      if (error.code !== 'TRY_AGAIN' && !(error instanceof AwsUnavailableError)) throw error;
      seconds = Math.max(1, error.retryAfterSeconds ?? POLL_SECONDS);
    }
    told.push(seconds);
    await clock.sleep(seconds * 1000);
  }
}

/** Looks at every key, every membership and every user in AWS, past the services; answers what is not as it should be. */
async function halfMade(get, aws, users) {
  const keys = await pages(aws, (position) => new GetApiKeysCommand({ limit: 500, position, includeValues: true }));
  const plans = new Map();
  for (const { usagePlanId, code } of aws.plans()) {
    for (const { id } of await pages(
      aws,
      (position) => new GetUsagePlanKeysCommand({ usagePlanId, limit: 500, position }),
    ))
      plans.set(id, [...(plans.get(id) ?? []), code]);
  }
  const identity = get(KeyIdentity);
  const wrong = [];
  for (const who of users) {
    const [key, ...more] = keys.filter(({ name }) => identity.owner(name) === who.sub);
    const { plan, isPlanSigned, key: noted } = await get(DesiredState).read(who);
    const isRight =
      key?.enabled &&
      more.length === 0 &&
      key.name === identity.name(who.sub, 1) &&
      key.value === identity.value(who.sub, 1).reveal() &&
      plans.get(key.id)?.join() === PLAN &&
      plan === PLAN &&
      isPlanSigned &&
      noted?.id === key.id &&
      noted.generation === 1;
    if (!isRight) wrong.push(who.sub);
  }
  return { wrong, keys: keys.length };
}

/** How long AWS's own rates leave for those calls: the slowest of them decides. */
function allowed(calls) {
  const each = RATES.map(([name, perSecond, burst, pattern]) => {
    const made = calls.filter(([operation]) => pattern.test(operation)).reduce((sum, [, times]) => sum + times, 0);
    return { name, made, seconds: Math.max(0, made - burst) / perSecond };
  });
  return each.sort((one, other) => other.seconds - one.seconds);
}

const clock = new VirtualClock();
const aws = await VirtualAws.start(clock);
const users = (await aws.users(CUSTOMERS)).map(({ sub, username }) => ({ sub, username }));
const get = await services(aws, clock, {});
const witness = await services(aws, clock, { AWS_RATE_FACTOR: '1000' });
await clock.run(get(PlanCatalogue).all()); // a server that runs has read its plans
aws.keepToRates(true);
const began = clock.now().getTime();
const all = users.map(async (who, index) => {
  await clock.sleep((index / CUSTOMERS) * WITHIN_SECONDS * 1000);
  return customer(get, clock, who);
});
const outcomes = await clock.run(Promise.all(all));
const seconds = (clock.now().getTime() - began) / 1000;
aws.keepToRates(false);
const [calls, refused] = [aws.takeCalls(), aws.refused];
const { wrong, keys } = await clock.run(halfMade(witness, aws, users));
const limits = allowed(calls);
const share = limits[0].seconds / seconds;

const sorted = (numbers) => [...numbers].sort((a, b) => a - b);
const spread = (numbers) => {
  const ordered = sorted(numbers);
  const at = (part) => ordered[Math.min(ordered.length - 1, Math.floor(ordered.length * part))].toFixed(1);
  return `${at(0)} / ${at(0.1)} / ${at(0.5)} / ${at(0.9)} / ${at(0.99)} / ${at(1)}`;
};
const late = outcomes.map(({ told, took }) => took - told);
const lateOfMost = sorted(late.map(Math.abs))[Math.floor(late.length * 0.9)];
console.log(`${CUSTOMERS} first subscriptions within ${WITHIN_SECONDS} s:\n\n| | |\n|---|---|`);
console.log(`| all have a key after, s | ${seconds.toFixed(1)} |`);
for (const { name, made, seconds: least } of limits)
  console.log(`| ${name}: calls, and the least they can take, s | ${made}, ${least.toFixed(1)} |`);
console.log(`| of the rate that AWS allows | ${(share * 100).toFixed(1)} % |`);
console.log(`| refused by AWS for its rates | ${refused} |`);
console.log(`| customers without exactly one whole key | ${wrong.length} of ${users.length} (${keys} keys) |`);
console.log(`| answers PROVISIONING | ${outcomes.reduce((sum, { provisioning }) => sum + provisioning, 0)} |`);
console.log(
  `| had to ask so often: least / 10 % / median / 90 % / 99 % / most | ${spread(outcomes.map(({ asked }) => asked))} |`,
);
console.log(`| time to a live key, s | ${spread(outcomes.map(({ took }) => took))} |`);
console.log(`| told at first, s | ${spread(outcomes.map(({ told }) => told))} |`);
console.log(`| longer than told at first, s | ${spread(late)} |`);
const broken = [
  wrong.length > 0 && 'not everybody has one whole key',
  share < LEAST_OF_RATE && `less than ${LEAST_OF_RATE * 100} % of the rate that AWS allows`,
  lateOfMost > MOST_LATE_SECONDS && `one of ten was told a time that is more than ${MOST_LATE_SECONDS} s wrong`,
].filter(Boolean);
for (const promise of broken) console.log(`BROKEN: ${promise}`);
if (broken.length > 0) process.exitCode = 1;
