import '../support/one-realm.js';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { PlanStore } from '../../src/aws/plan-store/plan-store.js';
import type { UsagePlans } from '../../src/aws/usage-plans.js';
import { Clock } from '../../src/clock.js';
import { Config } from '../../src/config.js';
import { Metrics } from '../../src/metrics.js';
import { Plan } from '../../src/plans/plan.model.js';
import { PlanCatalogue } from '../../src/plans/plan-catalogue.service.js';
import type { PlanSettings } from '../../src/plans/plan-settings.js';
import { PlanWriter } from '../../src/plans/plan-writer.service.js';
import { PlanExists } from '../../src/plans/plans.problems.js';
import { TryAgainError } from '../../src/problem.js';
import { Secret } from '../../src/secret.js';
import { FakeKeyStore } from '../support/fakes/fake-key-store.js';
import { FakePlanStore } from '../support/fakes/fake-plan-store.js';
import { FakeUsagePlans } from '../support/fakes/fake-usage-plans.js';
import { governorFor, Ungoverned } from '../support/governor.js';
import { environment } from '../support/world.js';

const RUNS = 400;

/** Lets one waiting call pass after the other, in an order that the seed decides. */
class Turns {
  private readonly waiting: (() => void)[] = [];

  constructor(private seed: number) {}

  pass(): Promise<void> {
    return new Promise((go) => this.waiting.push(go));
  }

  async until(all: Promise<unknown>): Promise<void> {
    let isOver = false;
    const end = () => {
      isOver = true;
    };
    all.then(end, end);
    while (!isOver) {
      await new Promise((turn) => setImmediate(turn));
      const [next] = this.waiting.splice(this.below(this.waiting.length), 1);
      next?.();
    }
  }

  below(count: number): number {
    this.seed = (Math.imul(this.seed, 1_103_515_245) + 12_345) >>> 0;
    return count === 0 ? 0 : (this.seed >>> 8) % count;
  }
}

/** The port, each of whose calls waits its turn; what it does then, it does at once. */
function inTurn<T extends object>(port: T, turns: Turns): T {
  return new Proxy(port, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]) => {
        await turns.pass();
        const result: unknown = await member.apply(target, args);
        return result;
      };
    },
  });
}

class Account {
  readonly keys = new FakeKeyStore(new Clock());
  readonly plans = new FakeUsagePlans(new Clock(), this.keys);
  private readonly store = new FakePlanStore(this.plans);

  constructor(private readonly turns: Turns) {}

  /** What one process makes plans with. */
  maker(): PlanWriter {
    const { turns } = this;
    class TurnClock extends Clock {
      override sleep(): Promise<void> {
        return turns.pass();
      }
    }
    const [plans, store]: [UsagePlans, PlanStore] = [inTurn(this.plans, turns), inTurn(this.store, turns)];
    const [clock, config] = [new TurnClock(), Config.read(environment('http://unused'))];
    const governor = governorFor(config, clock, new Metrics(clock), Ungoverned);
    const catalogue = new PlanCatalogue(plans, governor, clock, config);
    return new PlanWriter(catalogue, store, plans, clock, config);
  }

  async bearers() {
    return (await this.plans.list()).filter(({ tags }) => tags['turnpike:plan'] === 'gold');
  }
}

const gold = (price: string): PlanSettings => ({
  code: 'gold',
  title: 'Gold',
  description: null,
  price,
  order: null,
  selfService: true,
  retired: false,
  quota: { limit: 10, period: 'MONTH' },
  throttle: null,
  stages: ['api:v1'],
});

const kindOf = (outcome: unknown) => (outcome as object).constructor.name;

describe('plans of one code made at once', () => {
  beforeAll(() => Logger.overrideLogger(false));
  afterAll(() => Logger.overrideLogger(true));

  async function race(seed: number, prices: readonly string[]) {
    const turns = new Turns(seed);
    const account = new Account(turns);
    const making = prices.map((price) =>
      account
        .maker()
        .create(gold(price))
        .catch((error: unknown) => error),
    );
    const all = Promise.all(making);
    await turns.until(all);
    return { account, outcomes: await all };
  }

  it('differently: at most one is made, and never stand two of them', async () => {
    let made = 0;
    for (let seed = 1; seed <= RUNS; seed++) {
      const { account, outcomes } = await race(seed, ['1 USD', '2 USD', '3 USD'].slice(0, 2 + (seed % 2)));
      const bearers = await account.bearers();
      const winners = outcomes.filter((outcome): outcome is Plan => outcome instanceof Plan);
      expect([seed, winners.length <= 1, bearers.length <= 1]).toEqual([seed, true, true]);
      for (const winner of winners) expect(bearers).toMatchObject([{ tags: { 'turnpike:price': winner.price } }]);
      for (const outcome of outcomes) {
        expect([Plan, PlanExists, TryAgainError].map(({ name }) => name)).toContain(kindOf(outcome));
      }
      made += winners.length;
    }
    expect(made).toBeGreaterThan(RUNS / 4);
  });

  it('alike: one stays, and whoever is answered a plan is answered that', async () => {
    let made = 0;
    for (let seed = 1; seed <= RUNS; seed++) {
      const { account, outcomes } = await race(seed, ['1 USD', '1 USD', '1 USD'].slice(0, 2 + (seed % 2)));
      expect([seed, (await account.bearers()).length]).toEqual([seed, 1]);
      made += outcomes.filter((outcome) => outcome instanceof Plan).length;
    }
    expect(made).toBeGreaterThan(RUNS);
  });

  it('leave nothing else behind, and touch no plan that is in use', async () => {
    for (let seed = 1; seed <= 50; seed++) {
      const turns = new Turns(seed);
      const account = new Account(turns);
      const used = account.plans.add({ name: 'Gold', tags: { 'turnpike:plan': 'gold', 'turnpike:price': '1 USD' } });
      const value = new Secret('k'.repeat(40));
      const key = await account.keys.create({ name: 'k', value, description: '', username: null });
      await account.plans.attach(used.id, key?.id ?? '');
      const twin = account.plans.add({ ...used, tags: { ...used.tags } });
      const all = account.maker().create({ ...gold('1 USD'), quota: null, selfService: false });
      await turns.until(all);
      expect(await all).toMatchObject({ id: used.id });
      expect((await account.plans.list()).map(({ id }) => id)).toEqual([used.id]);
      expect(twin.id).not.toBe(used.id);
    }
  });
});
