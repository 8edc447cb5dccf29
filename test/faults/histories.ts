import fc from 'fast-check';
import type { HandMade, PlanCode } from './account.js';
import { FAULT_KINDS, type Fault } from './faults.js';
import { type Act, CONSOLE_ACTS, type Step, type StruckAct } from './history.js';
import type { Settings } from './settings.js';

/** What a random history is made of besides requests, calls and time. */
export const FLAVOURS = [
  'quiet',
  'faults',
  'races',
  'mixed',
  'oversight',
  'console',
  'lists behind',
  'late reports',
] as const;
export type Flavour = (typeof FLAVOURS)[number];

export interface Tale {
  readonly history: readonly Step[];
  readonly settings: Settings;
}

const LAST_CALL = 14;
const LAG_SECONDS = 3600;
const PLANS = ['free', 'basic', 'pro', 'unlimited', 'daily', 'weekly'] as const;

/** Histories of a flavour, each in a world of its own; fast-check makes a failing one as short as it can. */
export function tales(flavour: Flavour): fc.Arbitrary<Tale> {
  return fc.record({
    history: historyOf(flavour),
    settings: settingsOf(flavour),
  });
}

/** The tale of a seed; always the same. */
export function taleOf(flavour: Flavour, seed: number): Tale {
  const [tale] = fc.sample(tales(flavour), {
    seed,
    numRuns: 1,
    unbiased: true,
  });
  if (!tale) throw new Error(`Seed ${seed} gives nothing`);
  return tale;
}

function settingsOf(flavour: Flavour): fc.Arbitrary<Settings> {
  return fc.record({
    seed: fc.nat(1_000_000),
    countersSurviveDetach: fc.boolean(),
    usageOutlivesDetach: fc.boolean(),
    reportsIdleDays: fc.boolean(),
    lagSeconds: fc.constant(flavour === 'late reports' ? LAG_SECONDS : 0),
    listsBehind: flavour === 'lists behind' ? fc.integer({ min: 1, max: 8 }) : fc.constant(0),
    skewSeconds: flavour === 'mixed' ? fc.constantFrom(0, 0, 120) : fc.constant(0),
  });
}

function historyOf(flavour: Flavour): fc.Arbitrary<readonly Step[]> {
  const act = actOf(flavour);
  switch (flavour) {
    case 'mixed':
      return fc.array(mixedStep(act), { minLength: 4, maxLength: 4 });
    case 'oversight':
      return fc.array(fc.oneof(weighed(11, mixedStep(act)), weighed(7, pastime), weighed(3, callsByHand)), LENGTH);
    case 'races':
    case 'lists behind':
      return fc.array(fc.oneof(weighed(9, pairOf(act)), weighed(6, act), weighed(15, pastime)), LENGTH);
    case 'faults':
      return fc.array(fc.oneof(weighed(6, struck(act)), weighed(9, act), weighed(15, pastime)), LENGTH);
    case 'late reports':
      return fc
        .array(fc.oneof(weighed(9, single(act)), weighed(9, single(pastime)), weighed(2, suspension)), LENGTH)
        .map((parts) => parts.flat());
    default:
      return fc.array(fc.oneof(act, pastime), LENGTH);
  }
}

/** With sweeps meanwhile, which settle the books as far as AWS reports anything of a key that is in no plan. */
const suspension: fc.Arbitrary<readonly Step[]> = fc
  .constantFrom(0, 1, 3)
  .map((sweeps) => [
    { do: 'suspend' },
    ...Array.from({ length: sweeps }, (): Step[] => [{ do: 'wait', seconds: 4000 }, { do: 'sweep' }]).flat(),
    { do: 'resume' },
  ]);

function single(step: fc.Arbitrary<Step>): fc.Arbitrary<readonly Step[]> {
  return step.map((one) => [one]);
}

const LENGTH = { minLength: 3, maxLength: 11 };

/** Of five operations one meets a fault; some run at the same time as another, and may meet one then. */
function mixedStep(act: fc.Arbitrary<Act>): fc.Arbitrary<Step> {
  const racing = fc.oneof(weighed(2, act), weighed(1, struck(act)));
  return fc.oneof(weighed(4, struck(act)), weighed(10, act), weighed(3, pairOf(racing)), weighed(3, calls));
}

function pairOf(act: fc.Arbitrary<StruckAct>): fc.Arbitrary<Step> {
  return fc.record({
    do: fc.constant('both' as const),
    acts: fc.tuple(act, act).filter(([one, other]) => !isQuarrel(one, other)),
    callsInFlight: fc.constantFrom(0, 0, 0.2),
  });
}

/** Of two admins who import one key for two customers within one call, nobody can say who gets it. */
function isQuarrel(one: Act, other: Act): boolean {
  return one.do === 'import' && other.do === 'import' && one.key === other.key && one.who !== other.who;
}

function struck(act: fc.Arbitrary<Act>): fc.Arbitrary<StruckAct> {
  const fault: fc.Arbitrary<Fault> = fc.record({
    call: fc.integer({ min: 1, max: LAST_CALL }),
    kind: fc.constantFrom(...FAULT_KINDS),
  });
  return fc.tuple(act, fault).map(([what, strike]) => ({ ...what, fault: strike }));
}

const calls: fc.Arbitrary<Step> = fc.oneof(
  weighed(
    7,
    fc.record({
      do: fc.constant('call' as const),
      times: fc.constantFrom(5, 20, 60, 200),
    }),
  ),
  weighed(
    3,
    fc.record({
      do: fc.constant('call' as const),
      times: fc.constantFrom(5, 20, 60, 200),
      key: fc.constant('overlapping' as const),
    }),
  ),
);

const handMade = fc.constantFrom<HandMade>('h1', 'h2');
const callsByHand: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('call' as const),
  times: fc.constantFrom(5, 20, 60),
  key: handMade,
});

/** What passes between requests. */
const pastime: fc.Arbitrary<Step> = fc.oneof(
  weighed(35, calls),
  weighed(
    8,
    fc.constantFrom(100, 1800, 4000, 90_000).map((seconds): Step => ({ do: 'wait', seconds })),
  ),
  weighed(3, fc.constant<Step>({ do: 'wait for next month' })),
  weighed(4, fc.constant<Step>({ do: 'new process' })),
  weighed(4, fc.constant<Step>({ do: 'ask again' })),
);

function actOf(flavour: Flavour): fc.Arbitrary<Act> {
  const subscribe = fc.constantFrom<PlanCode>(...PLANS);
  const customers = fc.oneof(
    weighed(
      34,
      subscribe.map((plan): Act => ({ do: 'subscribe', plan })),
    ),
    weighed(8, fc.constant<Act>({ do: 'cancel' })),
    weighed(
      18,
      fc.constantFrom(0, 0, 3600).map((graceSeconds): Act => ({ do: 'rotate', graceSeconds })),
    ),
    weighed(
      6,
      fc.constantFrom(0, 3600).map(
        (graceSeconds): Act => ({
          do: 'rotate',
          graceSeconds,
          key: 'overlapping',
        }),
      ),
    ),
    weighed(6, fc.constant<Act>({ do: 'revoke overlapping' })),
    weighed(6, fc.constant<Act>({ do: 'suspend' })),
    weighed(8, fc.constant<Act>({ do: 'resume' })),
    weighed(
      6,
      fc.constantFrom(0, 30, 60).map((n): Act => ({ do: 'grant', calls: n })),
    ),
    weighed(4, fc.constant<Act>({ do: 'reveal' })),
    weighed(4, fc.constant<Act>({ do: 'reconcile' })),
    weighed(6, fc.constant<Act>({ do: 'sweep' })),
  );
  const others = customers.map((act): Act => (act.do === 'sweep' ? act : { ...act, who: 1 }));
  const anybody = fc.oneof(weighed(9, customers), weighed(1, others));
  if (flavour === 'oversight')
    return fc.oneof(weighed(5, anybody), weighed(4, oversight), weighed(1, oversightOfOthers));
  if (flavour !== 'console') return anybody;
  return fc.oneof(
    weighed(3, anybody),
    weighed(
      1,
      fc.constantFrom(...CONSOLE_ACTS, 'repair' as const).map((what): Act => ({ do: what })),
    ),
  );
}

/** What an admin does for the first customer; deletion seldom, because nothing comes after it. */
const oversight: fc.Arbitrary<Act> = fc.oneof(
  weighed(
    8,
    fc.constantFrom<PlanCode>(...PLANS).map((plan): Act => ({ do: 'assign', plan })),
  ),
  weighed(3, fc.constant<Act>({ do: 'cancel for' })),
  weighed(
    8,
    fc.constantFrom(0, 0, 3600).map((graceSeconds): Act => ({ do: 'rotate for', graceSeconds })),
  ),
  weighed(
    2,
    fc.constantFrom(0, 3600).map((graceSeconds): Act => ({ do: 'rotate for', graceSeconds, key: 'overlapping' })),
  ),
  weighed(
    10,
    handMade.map((key): Act => ({ do: 'import', key })),
  ),
  weighed(3, fc.constant<Act>({ do: 'repair' })),
  weighed(3, fc.constant<Act>({ do: 'delete for good' })),
  weighed(3, fc.constant<Act>({ do: 'suspend' })),
  weighed(3, fc.constant<Act>({ do: 'resume' })),
);
const oversightOfOthers = oversight.map((act): Act => ({ ...act, who: 1 }));

function weighed<T>(weight: number, arbitrary: fc.Arbitrary<T>): { weight: number; arbitrary: fc.Arbitrary<T> } {
  return { weight, arbitrary };
}
