import type { HandMade, PlanCode } from './account.js';
import type { Act, Step } from './history.js';

const subscribe = (plan: PlanCode) => ({ do: 'subscribe', plan }) as const;
const rotate = (graceSeconds: number, key?: 'overlapping') =>
  ({ do: 'rotate', graceSeconds, ...(key ? { key } : {}) }) as const;
const call = (times: number, key?: 'overlapping' | HandMade) =>
  ({ do: 'call', times, ...(key ? { key } : {}) }) as const;
const DAY_SECONDS = 90_000;

/** Where a customer can stand when something happens. */
export const STARTS = {
  'no subscription': [],
  'a quota begun': [subscribe('free'), call(30)],
  'a quota used up': [subscribe('free'), call(200)],
  'a large quota begun': [subscribe('pro'), call(300)],
  'no quota': [subscribe('unlimited'), call(50)],
  'a second key': [subscribe('free'), call(30), rotate(0), call(20)],
  'an overlap': [subscribe('free'), call(30), rotate(3600), call(20), call(5, 'overlapping')],
  'an overlap run dry': [subscribe('free'), call(30), rotate(3600), call(200)],
  'an overlap gone by': [subscribe('free'), call(30), rotate(3600), call(20), { do: 'wait', seconds: 4000 }],
  'an overlap without quota': [subscribe('unlimited'), call(30), rotate(3600), call(20)],
  suspended: [subscribe('free'), call(30), { do: 'suspend' }],
  'suspended in an overlap': [subscribe('free'), call(30), rotate(3600), call(5), { do: 'suspend' }],
  'a second plan': [subscribe('free'), call(30), subscribe('basic'), call(20)],
  'back on the first plan': [subscribe('free'), call(30), subscribe('basic'), call(20), subscribe('free'), call(10)],
  'from quota to none': [subscribe('free'), call(30), subscribe('unlimited'), call(20)],
  cancelled: [subscribe('free'), call(30), { do: 'cancel' }],
  'cancelled long ago': [subscribe('free'), call(30), { do: 'cancel' }, { do: 'wait', seconds: DAY_SECONDS }],
  'the floor written': [
    subscribe('free'),
    call(30),
    { do: 'cancel' },
    { do: 'wait', seconds: DAY_SECONDS },
    { do: 'sweep' },
  ],
  'many retired keys': [subscribe('free'), rotate(0), call(10), rotate(0), rotate(0), call(10), rotate(0), rotate(0)],
  'a grant': [subscribe('free'), call(100), { do: 'grant', calls: 50 }, call(10)],
  'a key made by hand': [call(30, 'h1')],
  'a key made by hand, and one of ours': [call(30, 'h1'), subscribe('basic'), call(40)],
  'a key imported': [call(30, 'h1'), { do: 'import', key: 'h1' }, call(20)],
  'a key imported and rotated': [call(30, 'h1'), { do: 'import', key: 'h1' }, call(10), rotate(3600), call(5)],
  'a key imported in place of another': [
    call(30, 'h1'),
    subscribe('free'),
    call(40),
    { do: 'import', key: 'h1' },
    call(10),
  ],
  'a user deleted': [subscribe('free'), call(30), rotate(3600), { do: 'delete user' }],
  'a cancellation not carried out': [
    subscribe('free'),
    call(30),
    { do: 'cancel', fault: { call: 2, kind: 'death after' } },
  ],
} as const satisfies Readonly<Record<string, readonly Step[]>>;

/** What can be asked of Turnpike. */
export const ACTS: readonly Act[] = [
  subscribe('free'),
  subscribe('basic'),
  subscribe('pro'),
  subscribe('unlimited'),
  { do: 'cancel' },
  rotate(0),
  rotate(3600),
  rotate(0, 'overlapping'),
  { do: 'revoke overlapping' },
  { do: 'suspend' },
  { do: 'resume' },
  { do: 'grant', calls: 50 },
  { do: 'reconcile' },
  { do: 'reveal' },
  { do: 'sweep' },
];

/** What an admin asks for, for somebody else. */
export const OVERSIGHT: readonly Act[] = [
  { do: 'assign', plan: 'basic' },
  { do: 'cancel for' },
  { do: 'rotate for', graceSeconds: 0 },
  { do: 'rotate for', graceSeconds: 3600 },
  { do: 'import', key: 'h1' },
  { do: 'import', key: 'h2' },
  { do: 'repair' },
  { do: 'delete for good' },
];
