import '../support/one-realm.js';
import { DeleteUsagePlanKeyCommand } from '@aws-sdk/client-api-gateway';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { AwsClients } from '../../src/aws/aws-clients.js';
import { Governor } from '../../src/aws/governor.js';
import { KeyStore } from '../../src/aws/key-store.js';
import { Clock } from '../../src/clock.js';
import { Config, configModule } from '../../src/config.js';
import { RekeyModule } from '../../src/keys/rekey/rekey.module.js';
import { Rekeying } from '../../src/keys/rekey/rekeying.service.js';
import { RequestTrace, traced } from '../../src/request-trace.js';
import { VirtualAws } from '../../src/sandbox/virtual/virtual-aws.js';
import { VirtualClock } from '../../src/sandbox/virtual/virtual-clock.js';
import { OneAtATime } from '../../src/subscriptions/customers/one-at-a-time.js';
import type { IssuedKey } from '../../src/subscriptions/subscription.model.js';
import { SubscriptionsModule } from '../../src/subscriptions/subscriptions.module.js';
import { SubscriptionChanged } from '../../src/subscriptions/subscriptions.results.js';
import { SubscriptionsService } from '../../src/subscriptions/subscriptions.service.js';
import { SweepModule } from '../../src/subscriptions/sweep/sweep.module.js';
import { Sweeper } from '../../src/subscriptions/sweep/sweeper.service.js';
import { LogRecorder } from '../support/log-recorder.js';
import { environment } from '../support/world.js';

const CUSTOMERS = 8;
/** Together their calls keep the line to API Gateway some four seconds long, which is as long as lets others in. */
const CROWD = 12;
const CALLS_EACH = 3;
const BURST = 40;
const MOST_SECONDS = 20;
const SECRET = 'a-secret-for-tests-that-is-long-enough-0123456789';
const NEXT_SECRET = 'the-next-secret-for-tests-that-is-long-enough-987654';

@Module({})
class Services {}

/** The services of one process, on that AWS and in that time. */
async function processOn(aws: VirtualAws, clock: VirtualClock, KEY_SECRET: string) {
  const settings = { AWS_RATE_FACTOR: '1', USAGE_LAG_SECONDS: '3600', KEY_SECRET };
  const config = configModule(Config.read(environment('http://127.0.0.1:1', settings)));
  const services = { module: Services, imports: [config, SubscriptionsModule, SweepModule, RekeyModule] };
  const building = Test.createTestingModule({ imports: [services] }).setLogger(new LogRecorder());
  building.overrideProvider(Clock).useValue(clock);
  const module = await building.overrideProvider(AwsClients).useValue(aws.clients).compile();
  const one = <T>(kind: abstract new (...args: never[]) => T) => module.get<T>(kind, { strict: false });
  return {
    one,
    request: <T>(work: () => Promise<T>) => traced(new RequestTrace('', one(Governor).requestEnd()), work),
    subscribe: (who: Person, plan: string) => one(SubscriptionsService).subscribe({ ...who, isAdmin: false }, plan),
  };
}

interface Person {
  readonly sub: string;
  readonly username: string;
}

type Process = Awaited<ReturnType<typeof processOn>>;

describe('while so many ask that the line to API Gateway never ends', () => {
  let clock: VirtualClock;
  let aws: VirtualAws;
  let here: Process;
  let people: readonly Person[];
  let keys: Map<string, IssuedKey>;
  let isCrowded: boolean;
  let turnedAway: number;
  beforeEach(async () => {
    clock = new VirtualClock();
    aws = await VirtualAws.start(clock);
    people = await aws.users(CUSTOMERS);
    keys = new Map();
    const before = await processOn(aws, clock, SECRET);
    for (const who of people) {
      const answer = await clock.run(before.subscribe(who, 'free'));
      if (answer instanceof SubscriptionChanged && answer.key) keys.set(who.sub, answer.key);
    }
    expect(keys.size).toBe(CUSTOMERS);
    here = await processOn(aws, clock, `${NEXT_SECRET},${SECRET}`);
    await clock.run(clock.sleep(60_000));
    aws.keepToRates(true);
    turnedAway = 0;
  });

  /** They find no more tokens left over than they would if they had been there for long. */
  function crowdIn(): void {
    isCrowded = true;
    const reads = () => Promise.all(Array.from({ length: BURST }, () => here.one(KeyStore).find('of nobody')));
    void here.one(Governor).shared(reads);
    for (let n = 0; n < CROWD; n++) void comeAgain();
  }

  /** One of the crowd. Whoever is turned away, or waits for longer than people do, is counted. */
  async function comeAgain(): Promise<void> {
    const calls = () => Promise.all(Array.from({ length: CALLS_EACH }, () => here.one(KeyStore).find('of nobody')));
    while (isCrowded) {
      const coming = here.request(() => here.one(Governor).interactive(calls));
      await coming.catch(() => {
        turnedAway += 1;
        return clock.sleep(1000);
      });
    }
  }

  /** From when somebody works on one of the customers; answers whom. */
  async function underWork(): Promise<Person> {
    for (;;) {
      await clock.sleep(100);
      const found = people.find(({ sub }) => here.one(OneAtATime).last(sub)?.ended === Number.POSITIVE_INFINITY);
      if (!found) continue;
      crowdIn();
      return found;
    }
  }

  /** How long it takes until the customer is on that plan, in seconds. */
  async function secondsToChange(who: Person): Promise<number> {
    const since = clock.now().getTime();
    for (;;) {
      const answer = await here.request(() => here.subscribe(who, 'basic')).catch(() => null);
      if (answer instanceof SubscriptionChanged && answer.subscription?.state === 'ACTIVE') break;
      await clock.sleep(1000);
    }
    return (clock.now().getTime() - since) / 1000;
  }

  /** As if somebody had taken all their keys out in the console. */
  async function outOfTheirPlans(): Promise<void> {
    const usagePlanId = aws.planId('free');
    aws.keepToRates(false);
    for (const { id } of keys.values()) {
      await aws.clients.gateway.send(new DeleteUsagePlanKeyCommand({ usagePlanId, keyId: id }));
    }
    aws.keepToRates(true);
  }

  it('a customer whom the sweep is mending can change something within seconds', async () => {
    await outOfTheirPlans();
    const sweeping = here.one(Sweeper).sweep();
    const seconds = await clock.run(underWork().then(secondsToChange));
    const report = await clock.run(sweeping);
    isCrowded = false;
    expect(seconds).toBeLessThan(MOST_SECONDS);
    expect(report).toMatchObject({ mended: CUSTOMERS, unfinished: 0 });
    expect([aws.refused, turnedAway]).toEqual([0, 0]);
  });

  it('so can one whose key is being replaced because the secret was changed', async () => {
    const options = { signaturesOnly: false, graceSeconds: 0, keepImported: false, isDryRun: false };
    const rekeying = here.one(Rekeying).run(options);
    const who = await clock.run(underWork());
    const seconds = await clock.run(secondsToChange(who));
    const report = await clock.run(rekeying);
    isCrowded = false;
    expect(seconds).toBeLessThan(MOST_SECONDS);
    expect(report.rotated).toBe(CUSTOMERS);
    expect(report.left.filter(({ sub }) => sub !== who.sub)).toEqual([]); // whoever changes something goes ahead of the run
    expect([aws.refused, turnedAway]).toEqual([0, 0]);
  });
});
