import '../support/one-realm.js';
import { GetApiKeysCommand, GetUsagePlanKeysCommand } from '@aws-sdk/client-api-gateway';
import { afterAll, describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { AwsClients } from '../../src/aws/aws-clients.js';
import { Governor } from '../../src/aws/governor.js';
import { Clock } from '../../src/clock.js';
import { Config, configModule } from '../../src/config.js';
import { KeysModule } from '../../src/keys/keys.module.js';
import { KeysService } from '../../src/keys/keys.service.js';
import { RequestTrace, traced } from '../../src/request-trace.js';
import { VirtualAws } from '../../src/sandbox/virtual/virtual-aws.js';
import { VirtualClock } from '../../src/sandbox/virtual/virtual-clock.js';
import { SubscriptionState } from '../../src/subscriptions/subscription.model.js';
import { SubscriptionsModule } from '../../src/subscriptions/subscriptions.module.js';
import { SubscriptionsService } from '../../src/subscriptions/subscriptions.service.js';
import { SweepModule } from '../../src/subscriptions/sweep/sweep.module.js';
import { Sweeper } from '../../src/subscriptions/sweep/sweeper.service.js';
import { LogRecorder } from '../support/log-recorder.js';
import { TEMPLATE } from '../support/template/deployed.js';
import { readTemplate } from '../support/template/template-file.js';
import { environment } from '../support/world.js';

const ACTIVE = SubscriptionState.ACTIVE;
/** What is left of a request's ten seconds to API Gateway's own answer. */
const ANSWERED_MILLISECONDS = 10_000;
const { Sizes = {} } = readTemplate(TEMPLATE).Mappings;

interface Person {
  readonly sub: string;
  readonly username: string;
}

@Module({})
class Services {}

/** One instance of a function, which keeps to the share of one of so many processes. */
async function instanceOf(aws: VirtualAws, clock: VirtualClock, processes: unknown) {
  const settings = { PROCESS_COUNT: String(processes), AWS_RATE_FACTOR: '1', USAGE_LAG_SECONDS: '3600' };
  const config = configModule(Config.read(environment('http://127.0.0.1:1', settings)));
  const services = { module: Services, imports: [config, SubscriptionsModule, KeysModule, SweepModule] };
  const building = Test.createTestingModule({ imports: [services] }).setLogger(new LogRecorder());
  building.overrideProvider(Clock).useValue(clock);
  const module = await building.overrideProvider(AwsClients).useValue(aws.clients).compile();
  const one = <T>(kind: abstract new (...args: never[]) => T) => module.get<T>(kind, { strict: false });
  const request = async <T>(work: () => Promise<T>) => {
    const since = clock.now().getTime();
    const answer = await traced(new RequestTrace('', one(Governor).requestEnd()), work).catch(
      (error: unknown) => error,
    );
    return { answer: Object(answer) as Answer, milliseconds: clock.now().getTime() - since };
  };
  return {
    subscribe: (who: Person) => request(() => one(SubscriptionsService).subscribe({ ...who, isAdmin: false }, 'free')),
    rotate: (who: Person, keyId: string) =>
      request(() => one(KeysService).rotate({ ...who, isAdmin: false }, keyId, 0)),
    sweep: () => one(Sweeper).sweep(),
  };
}

interface Answer {
  readonly subscription?: { readonly state: SubscriptionState };
  readonly key?: { readonly id: string };
}

type Answered = Awaited<ReturnType<Awaited<ReturnType<typeof instanceOf>>['subscribe']>>;

/** So many people of an account with AWS's rates, each of whom an instance of their own serves. */
async function accountWith(count: number, processes: unknown) {
  const clock = new VirtualClock();
  const aws = await VirtualAws.start(clock);
  const people = await aws.users(count);
  const instances = await Promise.all(
    people.map(async (who) => ({ who, ...(await instanceOf(aws, clock, processes)) })),
  );
  const { gateway } = aws.clients;
  aws.keepToRates(true);
  /** How many keys are switched on, and how many of those are on the plan. */
  const liveKeys = async () => {
    const usagePlanId = aws.planId('free');
    const { items: keys = [] } = await clock.run(gateway.send(new GetApiKeysCommand({ limit: 500 })));
    const { items: inPlan = [] } = await clock.run(
      gateway.send(new GetUsagePlanKeysCommand({ usagePlanId, limit: 500 })),
    );
    const enabled = keys.filter((key) => key.enabled).map(({ id }) => id);
    return { enabled: enabled.length, onPlan: inPlan.filter(({ id }) => enabled.includes(id)).length };
  };
  return { clock, aws, instances, liveKeys };
}

/** The share of one instance is what a request has, so `Processes` of the template decides what fits into one. */
describe('the rates that an instance on AWS Lambda keeps to', () => {
  const table: string[] = [];
  const note = (what: string, answers: readonly Answered[], { refused }: VirtualAws) => {
    const done = answers.filter(({ answer }) => answer.subscription?.state === ACTIVE);
    const slowest = Math.max(...answers.map(({ milliseconds }) => milliseconds)) / 1000;
    const text = `${done.length} of ${answers.length} done, the slowest answer after ${slowest.toFixed(1)} s`;
    table.push(`${what.padEnd(34)} ${text}, ${refused} calls refused by AWS so far`);
  };
  afterAll(() => console.log(`in virtual time, AWS's rates:\n${table.join('\n')}`));

  it.each(Object.keys(Sizes))('let a first subscription and a rotation end within a request each: %s', async (size) => {
    const { clock, aws, instances, liveKeys } = await accountWith(1, Sizes[size]?.Processes);
    for (const { who, subscribe, rotate } of instances) {
      const subscribed = await clock.run(subscribe(who)); // by an instance that has just started: it reads the plans too
      const rotated = await clock.run(rotate(who, subscribed.answer.key?.id ?? ''));
      expect([subscribed, rotated].map(({ answer }) => answer.subscription?.state)).toEqual([ACTIVE, ACTIVE]);
      expect(rotated.answer.key?.id).not.toBe(subscribed.answer.key?.id);
      note(`${size}: subscribe, first`, [subscribed], aws);
      note(`${size}: rotateKey right after it`, [rotated], aws);
    }
    expect(await liveKeys()).toEqual({ enabled: 1, onPlan: 1 });
  });

  it('are more than there is when all instances of a small stack ask at once: AWS refuses, nobody is left behind', async () => {
    const { Http, Processes } = Sizes.small ?? {};
    const { clock, aws, instances, liveKeys } = await accountWith(Number(Http), Processes);
    const subscribed = await clock.run(Promise.all(instances.map(({ who, subscribe }) => subscribe(who))));
    expect(subscribed.map(({ answer }) => answer.subscription?.state)).toEqual(instances.map(() => ACTIVE));
    expect(aws.refused).toBeGreaterThan(0);
    note(`${Http} at once: subscribe, first`, subscribed, aws);
    await clock.run(clock.sleep(60_000));
    const rotations = instances.map(({ who, rotate }, at) => rotate(who, subscribed[at]?.answer.key?.id ?? ''));
    const rotated = await clock.run(Promise.all(rotations));
    note(`${Http} at once: rotateKey`, rotated, aws);
    for (const { milliseconds } of [...subscribed, ...rotated])
      expect(milliseconds).toBeLessThanOrEqual(ANSWERED_MILLISECONDS);
    const [first] = instances;
    expect(await clock.run(first?.sweep() ?? Promise.reject())).toMatchObject({ unfinished: 0 });
    expect(await liveKeys()).toEqual({ enabled: Http, onPlan: Http });
  });
});
