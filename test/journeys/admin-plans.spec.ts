import { CreateUsagePlanCommand, GetUsagePlanCommand, GetUsagePlansCommand } from '@aws-sdk/client-api-gateway';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { REST_API_ID, STAGE } from '../../src/sandbox/seed.js';
import { Sweeper } from '../../src/subscriptions/sweep/sweeper.service.js';
import type { Customer } from '../support/customer.js';
import { keyOf } from '../support/outcomes.js';
import { SandboxTime } from '../support/sandbox-time.js';
import { environment, startApp, World } from '../support/world.js';

const HERE = `${REST_API_ID}:${STAGE}`;
const MORE_THAN_A_LISTING_COUNTS = 601;

interface Reply {
  readonly __typename: string;
  readonly code?: string;
  readonly plan?: Record<string, unknown>;
  readonly customerCount?: number | null;
  readonly customerIds?: readonly string[];
}

interface Told {
  readonly plans: readonly { readonly code: string }[];
  readonly me: { readonly usage: { limit: number }; readonly subscription: { readonly plan: object } };
}

const PLAN =
  'plan { code title description price selfService retired quota { limit period } throttle { rateLimit burstLimit } }';
const PROBLEM = '... on Problem { code message }';

const CREATE = `mutation ($input: NewPlanInput!, $reason: String!) { createPlan(input: $input, reason: $reason) {
  __typename ... on PlanCreated { ${PLAN} } ${PROBLEM} } }`;
const UPDATE = `mutation ($code: String!, $input: PlanChangeInput!, $reason: String!) {
  updatePlan(code: $code, input: $input, reason: $reason) { __typename ... on PlanUpdated { ${PLAN} } ${PROBLEM} } }`;
const RETIRE = `mutation ($code: String!, $reason: String!) { retirePlan(code: $code, reason: $reason) {
  __typename ... on PlanRetired { ${PLAN} customerCount customerIds } ${PROBLEM} } }`;

describe('an admin', () => {
  let world: World;
  let admin: Customer;
  beforeAll(async () => {
    world = await World.start({ MANAGE_PLANS: 'true' });
    admin = await world.admin();
  });
  afterEach(() => world.sandbox.habits.reset());
  afterAll(() => world.close());

  let count = 0;
  const team = (fields: object = {}) => ({
    code: `team-${++count}`,
    title: 'Team',
    description: 'For up to 20 developers, 50,000 calls.',
    price: '199 USD / month',
    order: 4,
    selfService: true,
    quota: { limit: 100, period: 'MONTH' },
    throttle: { rateLimit: 50, burstLimit: 100 },
    stages: [HERE],
    ...fields,
  });

  async function asked(query: string, variables: object, who = admin): Promise<Reply> {
    const reply = await who.gql<Record<string, Reply>>(query, { reason: 'because', ...variables });
    if (!reply.data) throw new Error(reply.text);
    return Object.values(reply.data)[0] as Reply;
  }
  const create = (input: object, who?: Customer) => asked(CREATE, { input }, who);
  const update = (code: string, input: object, who?: Customer) => asked(UPDATE, { code, input }, who);
  const retire = (code: string, who?: Customer) => asked(RETIRE, { code }, who);

  /** The usage plans that bear the code, as API Gateway has them. */
  async function bearers(code: string) {
    const { items = [] } = await world.gateway.send(new GetUsagePlansCommand({ limit: 500 }));
    const plans = items.map(({ id }) => world.gateway.send(new GetUsagePlanCommand({ usagePlanId: id })));
    return (await Promise.all(plans))
      .map(({ $metadata: _, ...plan }) => plan)
      .filter(({ tags }) => tags?.['turnpike:plan'] === code);
  }
  const plansAtAll = async () => (await world.gateway.send(new GetUsagePlansCommand({ limit: 500 }))).items?.length;

  it('makes a plan that a customer can choose at once', async () => {
    const input = team();
    const { code, order: _, stages: __, ...shown } = input;
    expect(await create(input)).toMatchObject({ __typename: 'PlanCreated', plan: { code, ...shown, retired: false } });
    expect(await bearers(code)).toMatchObject([
      {
        name: 'Team',
        description: shown.description,
        apiStages: [{ apiId: REST_API_ID, stage: STAGE }],
        quota: { ...input.quota, offset: 0 },
        throttle: input.throttle,
        tags: {
          'turnpike:plan': code,
          'turnpike:title': 'Team',
          'turnpike:price': '199 USD / month',
          'turnpike:order': '4',
          'turnpike:self-service': 'true',
        },
      },
    ]);
    const ada = await world.customer();
    expect(await ada.call(keyOf(await ada.subscribe(code)).value)).toEqual({ 200: 1 });
  });

  it('changes a plan, and whoever has it is told the same of it at once, wherever they look', async () => {
    const listing = await World.start({
      MANAGE_PLANS: 'true',
      USAGE_LAG_SECONDS: '3600',
      SWEEP_INTERVAL_SECONDS: '300',
    });
    const [boss, ada] = [await listing.admin(), await listing.customer()];
    await ada.subscribe('free');
    await listing.app.get(Sweeper).sweep();
    const told = async () => {
      const plan = 'title quota { limit }';
      const { data } = await ada.gql<Told>(
        `{ me { usage { limit } subscription { plan { ${plan} } } } plans { code ${plan} } }`,
      );
      const { code: _, ...offered } = data?.plans.find(({ code }) => code === 'free') ?? {};
      return [offered, data?.me.subscription.plan, data?.me.usage.limit];
    };
    expect((await told())[1]).toMatchObject({ quota: { limit: 100 } });
    const changed = { title: 'Freer', quota: { limit: 222, period: 'MONTH' } };
    expect(await asked(UPDATE, { code: 'free', input: changed }, boss)).toMatchObject({ __typename: 'PlanUpdated' });
    const plan = { title: 'Freer', quota: { limit: 222 } };
    expect(await told()).toEqual([plan, plan, 222]);
    await listing.close();
  });

  it('makes a plan once, however often it is asked for', async () => {
    const input = team({ stages: [HERE] });
    for (const _ of [1, 2]) expect(await create(input)).toMatchObject({ __typename: 'PlanCreated' });
    expect(await bearers(input.code)).toHaveLength(1);
    expect(await create({ ...input, price: '1 USD' })).toMatchObject({ __typename: 'PlanExists', code: 'PLAN_EXISTS' });
    expect(await bearers(input.code)).toMatchObject([{ tags: { 'turnpike:price': '199 USD / month' } }]);
  });

  it('makes a plan once when the reply is lost and the call is made again', async () => {
    const input = team();
    world.sandbox.habits.addFault({ operation: 'CreateUsagePlan', kind: 'cut', effect: true, nth: 1 });
    expect(await create(input)).toMatchObject({ __typename: 'PlanCreated' });
    expect(await bearers(input.code)).toHaveLength(1);
    const { data } = await world.stranger.gql<{ plans: { code: string }[] }>('{ plans { code } }');
    expect(data?.plans.map(({ code }) => code)).toContain(input.code);
  });

  it('makes a plan once, and changes it, although other changes are under way in the account', async () => {
    const { code, ...input } = team();
    const made = await world.amidOtherChanges(() => create({ code, ...input }));
    expect(made).toMatchObject({ __typename: 'PlanCreated' });
    const change = { price: null, title: 'Team of old', quota: { limit: 200, period: 'WEEK' } };
    const changed = await world.amidOtherChanges(() => update(code, change));
    expect(changed).toMatchObject({ __typename: 'PlanUpdated', plan: change });
    const tags = { 'turnpike:title': 'Team of old', 'turnpike:order': '4', 'turnpike:self-service': 'true' };
    const [plan, ...others] = await bearers(code);
    expect(others).toEqual([]);
    expect(plan).toMatchObject({ quota: change.quota, tags });
    expect(plan?.tags).not.toHaveProperty('turnpike:price');
  });

  it('mends by the same request what a crash left twice', async () => {
    const input = team();
    await create(input);
    const [plan] = await bearers(input.code);
    const { id: _, ...twin } = plan ?? {};
    await world.gateway.send(new CreateUsagePlanCommand({ ...twin, name: 'Team' } as never));
    expect(await bearers(input.code)).toHaveLength(2);
    expect(await update(input.code, { price: '1 USD' })).toMatchObject({ code: 'UNKNOWN_PLAN' });
    expect(await create(input)).toMatchObject({ __typename: 'PlanCreated' });
    expect(await bearers(input.code)).toHaveLength(1);
  });

  it('is told of a stage that is not there, and nothing is made or changed', async () => {
    const [input, before] = [team(), await plansAtAll()];
    expect(await create({ ...input, stages: [HERE, 'nosuchapi0:v1'] })).toMatchObject({ code: 'UNKNOWN_STAGE' });
    expect(await plansAtAll()).toBe(before);
    await create(input);
    const asNow = await bearers(input.code);
    expect(await update(input.code, { stages: [HERE, `${REST_API_ID}:nosuch`], price: '7 USD' })).toMatchObject({
      code: 'UNKNOWN_STAGE',
    });
    expect(await bearers(input.code)).toEqual(asNow);
  });

  describe('whose change of a quota is not made', () => {
    const QUOTA = { quota: { limit: 150, period: 'MONTH' } };
    const refusedBy = async (code: string, input: object = QUOTA, who = admin) =>
      (await who.gql(UPDATE, { code, input, reason: 'because' })).errors;
    const TRY_AGAIN = [{ extensions: { code: 'TRY_AGAIN' } }];

    async function changedOnce(): Promise<string> {
      const { code } = team();
      await create(team({ code }));
      await update(code, { quota: { limit: 120, period: 'MONTH' } });
      expect(await bearers(code)).toMatchObject([{ tags: { 'turnpike:quota-since': expect.any(String) } }]);
      world.forward(600);
      return code;
    }

    it.each(['429', 'a stage that is not there'])(
      'for %s, leaves the plan with all its tags as it was',
      async (why) => {
        const [fresh, changed] = [team(), await changedOnce()];
        await create(fresh);
        for (const code of [fresh.code, changed]) {
          const asBefore = await bearers(code);
          if (why === '429') {
            world.sandbox.habits.addFault({ operation: 'UpdateUsagePlan', kind: 'throttle' });
            expect(await refusedBy(code)).toMatchObject(TRY_AGAIN);
          } else {
            const stages = [HERE, `${REST_API_ID}:nosuch`];
            expect(await update(code, { ...QUOTA, stages })).toMatchObject({ code: 'UNKNOWN_STAGE' });
          }
          expect(await bearers(code)).toEqual(asBefore);
          world.sandbox.habits.reset();
        }
      },
    );

    it('because another one was made within twenty seconds, leaves the plan with all its tags as it was', async () => {
      const atRate = await startApp(
        environment(world.sandbox.url, { MANAGE_PLANS: 'true', AWS_RATE_FACTOR: '1' }),
        new SandboxTime(world.sandbox),
      );
      try {
        const code = await changedOnce();
        const send = (limit: number) =>
          admin.gql(UPDATE, { code, input: { quota: { limit, period: 'MONTH' } }, reason: 'because' }, atRate.url);
        expect((await send(130)).errors).toEqual([]);
        const asBefore = await bearers(code);
        expect((await send(140)).errors).toMatchObject(TRY_AGAIN);
        expect(await bearers(code)).toEqual(asBefore);
      } finally {
        await atRate.app.close();
      }
    });

    it('for all that is known, but may have been, is announced still', async () => {
      const { code } = team();
      await create(team({ code }));
      world.sandbox.habits.addFault({ operation: 'UpdateUsagePlan', kind: 'cut', effect: true });
      expect(await refusedBy(code)).toMatchObject(TRY_AGAIN);
      expect(await bearers(code)).toMatchObject([
        { quota: { limit: 150 }, tags: { 'turnpike:quota-since': expect.any(String) } },
      ]);
    });
  });

  it('changes what is given and leaves the rest; null takes away', async () => {
    const input = team();
    await create(input);
    const change = { price: null, description: null, throttle: null, selfService: false, title: 'Team of old' };
    const { code, order: _, stages: __, ...shown } = input;
    expect(await update(code, change)).toMatchObject({ __typename: 'PlanUpdated', plan: { ...shown, ...change } });
    const [plan] = await bearers(code);
    expect(plan).toMatchObject({ quota: input.quota, apiStages: [{ stage: STAGE }] });
    expect(plan?.throttle).toBeUndefined();
    expect(plan?.tags).toEqual({ 'turnpike:plan': code, 'turnpike:title': 'Team of old', 'turnpike:order': '4' });
    expect(await update('nobody-has-it', change)).toMatchObject({ code: 'UNKNOWN_PLAN' });
  });

  it('writes only what differs, all of it in one UpdateUsagePlan', async () => {
    const input = team();
    await create(input);
    const calls = await world.callsDuring(async () => {
      await update(input.code, { quota: { limit: 200, period: 'WEEK' }, throttle: { rateLimit: 0.5, burstLimit: 1 } });
      await update(input.code, { quota: { limit: 200, period: 'WEEK' }, price: input.price });
    });
    expect(calls.filter((call) => call === 'UpdateUsagePlan')).toHaveLength(1);
    expect(await bearers(input.code)).toMatchObject([
      { quota: { limit: 200, period: 'WEEK' }, throttle: { rateLimit: 0.5, burstLimit: 1 } },
    ]);
  });

  it('retires a plan: nobody new, those who have it keep it, and the answer says who they are', async () => {
    const { code } = team();
    await create(team({ code }));
    const [ada, bob, eve] = [await world.customer(), await world.customer(), await world.customer()];
    const key = keyOf(await ada.subscribe(code));
    await ada.rotate(key.id);
    const kept = keyOf(await bob.subscribe(code));
    await eve.subscribe('free');
    const subs = [ada.sub, bob.sub].sort();
    for (const _ of [1, 2]) {
      expect(await retire(code)).toMatchObject({ plan: { retired: true }, customerCount: 2, customerIds: subs });
    }
    expect(await eve.subscribe(code)).toMatchObject({ code: 'PLAN_NOT_FOR_SALE' });
    expect(await bob.subscribe(code)).toMatchObject({ __typename: 'SubscriptionChanged' });
    expect(await bob.call(kept.value)).toEqual({ 200: 1 });
    expect(await retire('nobody-has-it')).toMatchObject({ code: 'UNKNOWN_PLAN' });
  });

  it('is told of those too who came by another process since all were listed here', async () => {
    const [empty, { code }] = [team(), team()];
    for (const plan of [empty, team({ code })]) await create(plan);
    expect(await retire(empty.code)).toMatchObject({ customerCount: 0 });
    const other = await startApp(environment(world.sandbox.url), new SandboxTime(world.sandbox));
    try {
      const ada = await world.customer();
      keyOf(await ada.subscribe(code, other.url));
      world.forward(MORE_THAN_A_LISTING_COUNTS);
      expect(await retire(code)).toMatchObject({ customerIds: [ada.sub] });
    } finally {
      await other.app.close();
    }
  });

  it('does not touch a usage plan without our tag', async () => {
    const foreign = new CreateUsagePlanCommand({ name: 'theirs', tags: { 'other:plan': 'theirs' } });
    const { id: usagePlanId } = await world.gateway.send(foreign);
    const before = await world.gateway.send(new GetUsagePlanCommand({ usagePlanId }));
    for (const reply of [await update('theirs', { price: '1 USD' }), await retire('theirs')]) {
      expect(reply).toMatchObject({ code: 'UNKNOWN_PLAN' });
    }
    await create(team({ code: 'theirs' }));
    const after = await world.gateway.send(new GetUsagePlanCommand({ usagePlanId }));
    const bare = ({ $metadata: _, ...plan }: typeof before) => plan;
    expect(bare(after)).toEqual(bare(before));
  });

  it('is told when a change was done in part, and the same request does the rest', async () => {
    const input = team();
    await create(input);
    world.sandbox.habits.addFault({ operation: 'TagResource', kind: 'before' });
    const change = { description: 'Another one', price: '1 USD' };
    const reply = await admin.gql(UPDATE, { code: input.code, input: change, reason: 'because' });
    expect(reply.errors).toMatchObject([{ extensions: { code: 'TRY_AGAIN' } }]);
    expect(reply.errors[0]?.message).toMatch(/^A part of the plan is changed/);
    world.sandbox.habits.reset();
    expect(await update(input.code, change)).toMatchObject({ plan: change });
  });

  describe.each([
    ['a code of another form', { code: 'Team Plan' }, 'code must be 1 to 32 of a-z'],
    ['a blank title', { title: '  ' }, 'title must not be blank'],
    ['a title too long for a tag', { title: 'x'.repeat(257) }, 'title must have at most 256'],
    ['a price that no tag can hold', { price: '€49, per month' }, 'price may have letters, digits, spaces and'],
    ['a description of several lines', { description: 'a\nb' }, 'description must have no line breaks'],
    ['a negative position', { order: -1 }, 'order must be a whole number from 0'],
    [
      'a quota of nothing',
      { quota: { limit: 0, period: 'DAY' } },
      'quota.limit must be a whole number from 1 to 2147483647',
    ],
    [
      'a quota beyond what AWS holds',
      { quota: { limit: 2 ** 31, period: 'DAY' } },
      'quota.limit must be a whole number',
    ],
    ['a rate of nothing', { throttle: { rateLimit: 0, burstLimit: 1 } }, 'throttle.rateLimit must be above 0'],
    ['no burst', { throttle: { rateLimit: 1, burstLimit: 0 } }, 'throttle.burstLimit must be a whole number from 1'],
    ['no stage', { stages: [] }, 'stages must name at least one stage'],
    ['a stage of another form', { stages: ['v1'] }, 'stages[0] must be <api id>:<stage>'],
    ['a stage twice', { stages: [HERE, HERE] }, 'stages must name each stage once'],
  ])('asks for %s', (_, wrong, message) => {
    it('and is told what is wrong with it; nothing is made', async () => {
      const before = await plansAtAll();
      const { errors } = await admin.gql(CREATE, { input: { ...team(), ...wrong }, reason: 'because' });
      expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
      expect(errors[0]?.message).toContain(message);
      expect(await plansAtAll()).toBe(before);
    });
  });

  it('has to say that a plan is to be unlimited, and what it is called', async () => {
    const { quota: _, throttle: __, ...input } = team();
    const { errors } = await admin.gql(CREATE, { input, reason: 'because' });
    expect(errors[0]?.message).toMatch(/quota must be given; null means unlimited; throttle must be given/);
    expect(await create({ ...input, quota: null, throttle: null })).toMatchObject({
      plan: { quota: null, throttle: null },
    });
    const unnamed = await admin.gql(UPDATE, { code: input.code, input: { title: null }, reason: 'because' });
    expect(unnamed.errors[0]?.message).toContain('title must be a text');
  });

  it.each(['', ' \t ', 'a\nb', '\u200b \u2060\ufeff', '\u3164\u2800', '\u115f\u{e0100}', 'x'.repeat(501)])(
    'has to give a reason, which is not %j',
    async (reason) => {
      const before = await plansAtAll();
      const { errors } = await admin.gql(CREATE, { input: team(), reason });
      expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
      expect(await plansAtAll()).toBe(before);
    },
  );

  it('is who may do this: a customer is refused, a stranger as well, and nothing changes', async () => {
    const [ada, before, input] = [await world.customer(), await plansAtAll(), team()];
    for (const [query, variables] of [
      [CREATE, { input }],
      [UPDATE, { code: 'free', input: { quota: null } }],
      [RETIRE, { code: 'free' }],
    ] as const) {
      const [customer, stranger] = await Promise.all(
        [ada, world.stranger].map((who) => who.gql(query, { ...variables, reason: 'because' })),
      );
      expect(customer?.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
      expect(stranger?.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
    }
    expect(await plansAtAll()).toBe(before);
    expect(await bearers('free')).toMatchObject([{ quota: { limit: 100 } }]);
  });
});

describe('a server that may not manage plans', () => {
  it('says so to an admin, and changes nothing', async () => {
    const world = await World.start();
    const admin = await world.admin();
    const calls = await world.callsDuring(async () => {
      const { data } = await admin.gql(RETIRE, { code: 'free', reason: 'because' });
      expect(data).toMatchObject({ retirePlan: { code: 'PLANS_NOT_MANAGED' } });
    });
    expect([...new Set(calls)]).toEqual(['AdminGetUser', 'AdminListGroupsForUser']);
    await world.close();
  });
});
