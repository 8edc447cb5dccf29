import { parseArgs } from 'node:util';
import { AwsUnavailableError } from '../dist/aws/failures.js';
import { PlanCatalogue } from '../dist/plans/plan-catalogue.service.js';
import { VirtualAws } from '../dist/sandbox/virtual/virtual-aws.js';
import { VirtualClock } from '../dist/sandbox/virtual/virtual-clock.js';
import { Customers } from '../dist/subscriptions/customers/customers.service.js';
import { SubscriptionsService } from '../dist/subscriptions/subscriptions.service.js';
import { Sweeper } from '../dist/subscriptions/sweep/sweeper.service.js';
import { UsageService } from '../dist/usage/usage.service.js';
import { subscribed } from './launch/customers.js';
import { services } from './launch/services.js';

/*
 * `npm run bench:polling [-- --minutes 30 customers …]`: half an hour of dashboards. Every customer has a key and a page that asks for plan
 * and usage every 30 seconds; they ask one process that has just started and sweeps every five minutes, with AWS's rates,
 * in virtual time. Every 1000th changes plan meanwhile, and everybody calls once more at half-time. It fails when somebody
 * gets no answer or a wrong one, and when AWS is asked for more than is promised.
 */

const { values, positionals } = parseArgs({
  options: { minutes: { type: 'string', default: '30' } },
  allowPositionals: true,
});
const FLEETS = positionals.length > 0 ? positionals.map(Number) : [1000, 10_000];
const SECONDS = Number(values.minutes) * 60;
/** The first minutes of a process are counted by themselves: nothing is listed yet. */
const START_SECONDS = 120;
const EVERY_SECONDS = 30;
const SWEEP_SECONDS = 300;
const HALF = SECONDS / 2;
/** What whoever changes plan changes to, and of how many one does. */
const OTHER_PLAN = 'pro';
const CHANGE_EACH = 1000;
/** How old the usage may be that the last poll tells. */
const MOST_OLD_SECONDS = 600;
/** All that API Gateway is asked, whatever for, as a share of the account's rate. */
const MOST_SHARE = 0.04;
/** AWS's rates in calls a second, and what counts towards them. */
const RATES = [
  ['API Gateway, all', 10, /^(?!Admin|List|Describe)/],
  ['of these GetUsage', 10, /^GetUsage$/],
  ['Cognito, UserRead', 120, /^AdminGetUser$/],
  ['Cognito, UserList', 30, /^ListUsers$/],
  ['Cognito, UserUpdate', 25, /^AdminUpdateUserAttributes$/],
];

/** What one page does: `me { subscription … usage … }`, again when it is told to, until there is an answer. */
async function poll({ get, clock, tally }, customer) {
  const began = clock.now().getTime();
  let asked = 0;
  const { seen, usage } = await patiently(clock, async () => {
    asked += 1;
    const seen = await get(Customers).of(customer);
    return { seen, usage: await get(UsageService).of(seen) };
  });
  const now = clock.now().getTime();
  tally.answered += 1;
  if (asked === 1) tally.atOnce += 1;
  tally.slowest = Math.max(tally.slowest, (now - began) / 1000);
  tally.oldest = Math.max(tally.oldest, (now - usage.asOf.getTime()) / 1000);
  customer.last = { plan: seen.plan.code, keyId: seen.ring.current.id, used: usage.used };
  if (!isRight(customer)) tally.wrong += 1;
}

/** Usage is what AWS last reported; of whoever has changed plan within the lag of its reports it is an upper bound. */
function isRight({ plan, keyId, used, isChanging, last }) {
  const isUsed = isChanging || last.used === used || last.used === used - 1;
  return isUsed && (isChanging || last.plan === plan) && last.keyId === keyId;
}

async function dashboards({ get, clock, aws }, customers) {
  const [start, then] = [newTally(), newTally()];
  const all = [];
  for (let second = -START_SECONDS; second < SECONDS; second++) {
    if (second === 0) start.calls = aws.takeCalls();
    const tally = second < 0 ? start : then;
    for (let at = (second + START_SECONDS) % EVERY_SECONDS; at < customers.length; at += EVERY_SECONDS) {
      tally.polls += 1;
      all.push(poll({ get, clock, tally }, customers[at]));
    }
    const changing = second >= 0 && second % 60 === 0 && customers[(second / 60) * CHANGE_EACH];
    if (changing) all.push(change({ get, clock }, changing));
    if (second === HALF) for (const one of customers) call(aws, one);
    await clock.sleep(1000);
  }
  await Promise.all(all);
  then.calls = aws.takeCalls();
  return { start, then };
}

const newTally = () => ({ polls: 0, answered: 0, atOnce: 0, slowest: 0, oldest: 0, wrong: 0, calls: [] });

async function change({ get, clock }, customer) {
  customer.isChanging = true;
  const subscribe = () => get(SubscriptionsService).subscribe({ ...customer, isAdmin: false }, OTHER_PLAN);
  while ((await patiently(clock, subscribe)).subscription.state !== 'ACTIVE') await clock.sleep(5000);
  customer.plan = OTHER_PLAN;
  // From the answer on, it shows at once.
  const { plan } = await patiently(clock, () => get(Customers).of(customer));
  if (plan.code !== OTHER_PLAN) throw new Error('A change of one’s own did not show');
}

/** Asks again when it is told to. */
async function patiently(clock, ask) {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (error.code !== 'TRY_AGAIN' && !(error instanceof AwsUnavailableError)) throw error;
      await clock.sleep(Math.max(1, error.retryAfterSeconds ?? 5) * 1000);
    }
  }
}

function call(aws, customer) {
  if (!customer.isChanging) aws.call(customer.plan, customer.keyId);
  customer.used += 1;
}

/** As the schedule of a server does: every five minutes, give or take a half. */
async function sweeps(get, clock) {
  for (;;) {
    await clock.sleep(SWEEP_SECONDS * 1000 * (0.5 + clock.chance()));
    await get(Sweeper).sweep();
  }
}

async function polling(count) {
  const clock = new VirtualClock();
  const aws = await VirtualAws.start(clock);
  const customers = await subscribed(aws, clock, await aws.users(count));
  const get = await services(aws, clock, { SWEEP_INTERVAL_SECONDS: String(SWEEP_SECONDS) });
  await clock.run(get(PlanCatalogue).all()); // a server that runs has read its plans
  aws.keepToRates(true);
  void sweeps(get, clock);
  const { start, then } = await clock.run(dashboards({ get, clock, aws }, customers));
  aws.keepToRates(false);
  const changed = customers.filter(({ isChanging }) => isChanging).length;
  const isLate = ({ isChanging, last, plan, used }) => last.plan !== plan || (!isChanging && last.used < used);
  return { count, start, then, changed, late: customers.filter(isLate).length, refused: aws.refused };
}

function sharesOf(calls, seconds) {
  return RATES.map(([name, perSecond, pattern]) => {
    const made = calls.filter(([operation]) => pattern.test(operation)).reduce((sum, [, times]) => sum + times, 0);
    return { name, made, share: made / seconds / perSecond };
  });
}

function report({ count, start, then, changed, late, refused }) {
  const shares = [sharesOf(start.calls, START_SECONDS), sharesOf(then.calls, SECONDS)];
  const row = (title, what) => console.log(`| ${title} | ${what(start, shares[0])} | ${what(then, shares[1])} |`);
  console.log(`\n${count} customers, each polling every ${EVERY_SECONDS} s:\n`);
  console.log(
    `| | the first ${START_SECONDS / 60} minutes of a process | ${SECONDS / 60} minutes after |\n|---|---|---|`,
  );
  row('polls', ({ polls }) => polls);
  row('answered', ({ answered }) => answered);
  row('at the first time of asking', ({ atOnce }) => atOnce);
  row('the longest wait for an answer, s', ({ slowest }) => slowest.toFixed(1));
  row('wrong answers', ({ wrong }) => wrong);
  row('the oldest usage told, s', ({ oldest }) => oldest.toFixed(0));
  for (const [at, [name]] of RATES.entries()) {
    row(`${name}: calls, share of AWS's rate`, (_, of) => `${of[at].made}, ${(of[at].share * 100).toFixed(2)} %`);
  }
  console.log(`\nCalls after the start: ${then.calls.map(([name, times]) => `${name} ${times}`).join(', ')}.`);
  console.log(
    `${changed} changed plan; ${late} last polls told of an earlier state; ${refused} calls were refused by AWS.`,
  );
  const most = shares[1][0].share;
  const broken = [
    start.answered + then.answered < start.polls + then.polls && 'a poll was not answered',
    start.wrong + then.wrong + late > 0 && 'an answer was wrong',
    then.oldest > MOST_OLD_SECONDS && 'usage was too old',
    refused > 0 && 'AWS refused calls for its rates',
    most > MOST_SHARE && `API Gateway was asked for more than ${MOST_SHARE * 100} % of the account's rate`,
  ].filter(Boolean);
  for (const promise of broken) console.log(`BROKEN: ${promise}`);
  return broken.length === 0;
}

for (const count of FLEETS) if (!report(await polling(count))) process.exitCode = 1;
