import type { QuotaPeriod, SubscriptionState, SuspensionCode } from '../operations/customer.js';
import {
  count,
  day,
  dayAndTime,
  duration,
  timeAndDayUnlessToday,
  utcDay,
  utcTime,
  utcWeekday,
} from './words/moments.js';
import type { Verdict } from './words/verdict.js';

/** Everything that the page says, in English. Another language is another file with the same names. */

/** By the codes of docs/problems.md. */
export type FailureWords = Readonly<Record<string, { readonly title: string; readonly text: string }>>;

const PERIOD: Readonly<Record<QuotaPeriod, string>> = { DAY: 'day', WEEK: 'week', MONTH: 'month' };

const NO_PRICE = 'No price given';

export const texts = {
  skip: 'Skip to the content',
  loading: 'Loading',
  leaving: 'One moment …',
  nav: { label: 'Pages', overview: 'Overview', usage: 'Usage', key: 'Key', plans: 'Plans', account: 'Account' },
  signIn: 'Sign in',
  signUp: 'Create account',
  signOut: 'Sign out',
  tryAgain: 'Try again',
  tryAgainIn: (seconds: number) => `Try again in ${duration(seconds * 1000)}`,
  keep: 'Keep things as they are',
  close: 'Close',
  support: 'Contact support',
  footer: {
    label: 'Links',
    appearance: 'Appearance',
    appearances: { system: 'As the system', light: 'Light', dark: 'Dark' },
    powered: 'Keys, quotas and counters by Amazon API Gateway.',
  },

  broken: {
    title: 'This page could not start',
    text: 'The server that it belongs to does not answer. Nothing of yours is lost; your key is not affected.',
  },
  brokenOff: {
    title: 'This page has broken off',
    text: 'It cannot show anything any more. Nothing of yours is lost: what you did is done, your key is not affected, and loaded anew the page shows how things stand.',
  },
  notSetUp: 'Nobody can sign in here yet: the people who run this page have not told it where (COGNITO_DOMAIN).',
  signedOut: {
    never: {
      title: 'Sign in to go on',
      text: 'This page is about your plan and your key, so it has to know who you are. You come back right here.',
    },
    ended: {
      title: 'Your session has ended',
      text: 'It ran out, or you were signed out everywhere. Sign in, and you are back on this page.',
    },
    elsewhere: {
      title: 'You signed out in another tab',
      text: 'So this one has forgotten you too. Your plan and your key are not affected.',
    },
    failed: {
      title: 'Signing in did not work',
      text: 'It was broken off, took too long, or was begun in another tab. Nothing was changed; please try it once more.',
    },
    insecure: {
      title: 'Nobody can sign in at this address',
      text: 'It does not begin with https, and so your browser refuses what signing in takes. Please tell the people who run this page.',
    },
    unkept: {
      title: 'Your browser keeps nothing for this page',
      text: 'Signing in leads over another page, and this one has to remember until then what it asked. Allow site data (cookies) for it, load it anew, and sign in.',
    },
  },

  plans: {
    title: 'Plans',
    hero: 'Choose a plan. Get a key. Call the API.',
    lead: 'Every plan can be changed or cancelled at any time.',
    none: 'There is no plan for sale at the moment.',
    current: 'Your plan',
    manage: 'Cancel subscription',
    notOffered: 'Not offered to newcomers any more. It stays yours as long as you do not change it.',
    given:
      'This plan was given to you by the people who run the API. It stays yours as long as you do not change it; you cannot choose it again by yourself.',
    calls: (limit: number, period: QuotaPeriod) => `${count(limit)} calls a ${PERIOD[period]}`,
    unlimited: 'Unlimited calls',
    throttle: (rate: number, burst: number) => `${count(rate)} calls a second, ${count(burst)} at once`,
    noThrottle: 'As fast as you like',
    free: NO_PRICE,
    choose: (title: string) => `Choose ${title}`,
    change: (title: string) => `Change to ${title}`,
    choosing: 'Setting up …',
    assigned: 'Ask us for this plan',
    goOn: (title: string) => `Going on with the plan you chose: ${title}`,
    questions: [
      {
        question: 'What happens when the calls are used up?',
        answer:
          'The API answers 429 until the period begins anew, or until you change to a larger plan. Nothing is charged by itself.',
      },
      {
        question: 'Can I change later?',
        answer:
          'At any time, and your key stays the same. Calls that you made in the period count on the new plan too, so you see what is left before you decide.',
      },
      {
        question: 'What if my key leaks?',
        answer:
          'Replace it with one click. The old one stops at once, or goes on for as long as you need to put the new one in place.',
      },
    ],
    questionsTitle: 'Questions',
  },

  firstPlan: {
    title: (title: string) => `Choose ${title}?`,
    lead: 'This plan was chosen in this tab before you signed in. This is what you get:',
  },
  change: {
    title: (title: string) => `Change to ${title}?`,
    lead: 'This is what happens, right after you confirm:',
    price: (from: string | null, to: string | null) =>
      `The price goes from ${from ?? `“${NO_PRICE}”`} to ${to ?? `“${NO_PRICE}”`}.`,
    quota: (from: string, to: string) => `Your quota goes from ${from} to ${to}.`,
    throttle: (from: string, to: string) => `The speed limit goes from ${from} to ${to}.`,
    same: 'Quota, speed and price stay as they are.',
    key: 'Your key stays the same. While AWS makes the change known, for some minutes at most, calls may answer 403.',
    counted:
      'Calls that you already made in this period count on the new plan too. They are known an hour late: whoever changes again within that hour may find fewer left.',
    left: (left: number, resets: string) => `That leaves ${count(left)} calls until ${utcDay(resets)}.`,
    nothingLeft: (used: number, limit: number, resets: string) =>
      `You have made ${count(used)} calls, and this plan includes ${count(limit)}: your key will answer 429 until ${utcDay(resets)}.`,
    counting: 'The calls that you made are being counted …',
    unknownLeft: (limit: number, resets: string) =>
      `This page cannot find out how many calls you have made. If there were more than the ${count(limit)} of this plan, your key may answer 429 until ${utcDay(resets)}.`,
    confirm: (title: string) => `Change to ${title}`,
    anyway: (title: string) => `Change to ${title} all the same`,
  },

  overview: {
    title: 'Overview',
    welcome: 'Your key is ready',
    welcomeText: 'Copy it to where your program finds it.',
    welcomeToTry: 'Copy it to where your program finds it, then make your first call right here.',
    plan: 'Plan',
    calls: 'Calls in this period',
    changePlan: 'Change plan',
    allUsage: 'See usage',
    manageKey: 'Manage key',
    noPlan: {
      title: 'You have no plan yet',
      text: 'Choose one, and your key is made in a second or two. You can change or cancel it at any time.',
      action: 'See the plans',
    },
    planMissing: 'Your plan cannot be found at the moment. Your key goes on working as before, and nothing changes.',
  },
  state: {
    ACTIVE: 'Active',
    PROVISIONING: 'Being set up',
    SUSPENDED: 'Suspended',
    ENDING: 'Being cancelled',
  },
  provisioning: {
    title: 'Your plan is being set up',
    text: 'It is recorded and cannot get lost. Making the key takes a few seconds, and now and then a few minutes; this page looks again by itself.',
    withKey:
      'It is recorded and cannot get lost. Your key stays the same, and may answer 403 until this is done; this page looks again by itself.',
    action: 'Finish it now',
  },
  ending: {
    title: 'Your subscription is being cancelled',
    text: 'It is recorded. A key is still to be switched off; this page looks again by itself.',
    action: 'Finish it now',
  },
  suspended: {
    title: 'Your account is suspended',
    PAYMENT: 'A payment is missing.',
    ABUSE: 'The API was used in a way that its rules forbid.',
    ADMIN: 'The people who run the API decided so.',
    key: 'Your key is kept, but the API refuses it. When the suspension is lifted, the same key works again.',
    keySoon:
      'Your key is kept, but the API refuses it, or will in a moment. When the suspension is lifted, the same key works.',
    may: 'You can still cancel, and end the overlap of a replaced key.',
    disabled:
      'It is disabled as well: until that is lifted you can change nothing here, nor sign in again. Please get in touch.',
    noPlan: 'You can choose one when your account is no longer suspended.',
  } satisfies Record<SuspensionCode | 'title' | 'key' | 'keySoon' | 'may' | 'disabled' | 'noPlan', string>,
  usedUp: {
    title: 'Your calls for this period are used up',
    text: (resets: string) => `The API answers 429 until ${utcWeekday(resets)}, ${utcTime(resets)} UTC.`,
    larger: 'A larger plan gives you more right away; your key stays the same.',
    action: 'See larger plans',
  },
  usage: {
    title: 'Usage',
    used: 'Used',
    remaining: 'Remaining',
    resets: 'Resets on',
    unlimited: 'Unlimited',
    ofLimit: (limit: number) => `of ${count(limit)} included`,
    granted: (granted: number) => `with ${count(granted)} extra calls given to you`,
    inPeriod: 'over all your keys and plans',
    resetsTime: (resets: string) => `at ${utcTime(resets)} UTC`,
    neverResets: 'There is no quota',
    meter: 'Calls used in this period',
    meterValue: (used: number, limit: number) => `${count(used)} of ${count(limit)} calls used`,
    asOf: (asOf: string) =>
      `As of ${timeAndDayUnlessToday(asOf)}. AWS counts calls 30 to 40 minutes late, so your latest ones may be missing.`,
    chart: 'Calls by day',
    perDay: 'Per day',
    againstLimit: 'Against the limit',
    table: 'As a table',
    utc: 'Days begin at midnight UTC.',
    chartSummary: (used: number, days: number) => `${count(used)} calls over ${days} days`,
    chartDay: (date: string, used: number) => `${utcDay(date)}: ${count(used)} calls`,
    chartSoFar: (date: string, used: number, soFar: number) =>
      `${utcDay(date)}: ${count(used)} calls, ${count(soFar)} in the period so far`,
    limitLine: (limit: number) => `Limit ${count(limit)}`,
    day: 'Day (UTC)',
    calls: 'Calls',
    soFar: 'In the period so far',
    empty: 'No calls yet in this period.',
    lastThirty: 'The last 30 days',
  },
  forecast: {
    unlimited: 'Your plan has no quota, so there is nothing to run out of.',
    usedUp: (resets: string) => `All calls of this period are used. You get new ones on ${utcWeekday(resets)}.`,
    noCalls: 'No calls yet in this period.',
    tooEarly: 'It is early in the period: in a day or so this page can say how far your calls will last.',
    runsOut: (at: Date, resets: string) =>
      `At this pace you run out on ${utcWeekday(at)}, before the reset on ${utcDay(resets)}.`,
    runsOutToday: (at: Date) => `At this pace you run out today, at about ${utcTime(at)} UTC.`,
    lasts: (atReset: number, limit: number, resets: string) =>
      `At this pace you will have used about ${count(atReset)} of ${count(limit)} calls by the reset on ${utcDay(resets)}.`,
  },

  key: {
    title: 'Key',
    card: 'Your API key',
    made: (createdAt: string) => `Made on ${day(createdAt)}`,
    masked: (lastFour: string) => `Key that ends in ${lastFour}`,
    reveal: 'Reveal',
    hide: 'Hide',
    copy: 'Copy',
    copied: 'Copied',
    notCopied: 'Not copied: the browser refused',
    secret: 'Send it as the header x-api-key. Keep it on a server: whoever has it calls at your cost.',
    fresh: 'This key is new. AWS may refuse it with 403 in its first minutes; that passes by itself.',
    none: {
      title: 'You have no key',
      text: 'A key comes with a plan. Choose one, and it is made in a second or two.',
    },
    missing: {
      ACTIVE: 'The key is being made.',
      PROVISIONING: 'The key is being made.',
      SUSPENDED: 'There is no key. None is made as long as your account is suspended.',
      ENDING: 'Your key is being switched off.',
    } satisfies Record<SubscriptionState, string>,
    unknown: 'Your key cannot be told at the moment.',
    replace: 'Replace key',
    old: 'Your old key still works',
    oldText: (lastFour: string, until: string) =>
      `The key that ends in ${lastFour} works until ${dayAndTime(until)}. What is left of your quota is shared between the two.`,
    oldOpen: (lastFour: string) => `The key that ends in ${lastFour} still works.`,
    oldRefused: 'Your old key is refused as well',
    oldRefusedSoon: 'Your old key is refused as well, or will be in a moment',
    oldRefusedText: (lastFour: string, until: string | null) =>
      `The key that ends in ${lastFour} works again when the suspension is lifted${until === null ? '' : `, if that is before ${dayAndTime(until)}`}.`,
    over: 'The time of your old key is over',
    overText: (lastFour: string) => `The key that ends in ${lastFour} is being switched off.`,
    left: (milliseconds: number) => `${duration(milliseconds)} left`,
    endNow: 'End it now',
  },
  rotate: {
    title: 'Replace your key',
    lead: 'You get a new key at once. How long should the old one go on working, until yours is in place everywhere?',
    legend: 'The old key goes on working',
    choices: {
      none: {
        title: 'Not at all',
        text: 'It is switched off now; AWS may need some minutes to refuse it everywhere. The right choice when it leaked.',
      },
      hour: { title: 'For 1 hour', text: 'Time to paste the new one somewhere.' },
      day: { title: 'For 24 hours', text: 'Time for a release.' },
      week: { title: 'For 7 days', text: 'Time for a release that others make.' },
      date: { title: 'Until a date', text: 'At most 30 days from now.' },
    },
    until: 'Until',
    badDate: 'Choose a moment in the next 30 days.',
    endsOlder: 'The key that you replaced earlier stops at once.',
    shares: 'While both work, what is left of your quota is shared between them.',
    confirm: 'Replace key',
    done: 'Your new key',
    doneText: 'Put it where the old one was. You find it on this page at any time.',
    doneLater: 'It is recorded, and the new key is being made. It will be shown on this page in a moment.',
    finish: 'Done',
    failures: {
      AT_CAPACITY: {
        title: 'No room for another key at the moment',
        text: 'So no new key was made, and nothing was recorded: your old key goes on working. Please try it again later, or get in touch.',
      },
    } as FailureWords,
  },
  revoke: {
    title: 'End the overlap now?',
    text: (lastFour: string) =>
      `The old key, which ends in ${lastFour}, is switched off now and for good. Programs that still use it get 403, after some minutes at most.`,
    confirm: 'End it now',
  },

  snippets: {
    title: 'In your program',
    token: (kind: string) => `The API also wants to know who calls: your ${kind} token, which is good for an hour.`,
    idToken: 'ID',
    accessToken: 'access',
    copyToken: 'Copy token',
    withKey: 'What you copy has your key in it.',
    copy: (title: string) => `Copy the ${title} example`,
    placeholder: 'YOUR_KEY',
  },
  tryIt: {
    title: 'Try it',
    text: 'A real call with your key, from this browser. It counts as one.',
    path: 'Path',
    send: 'Send',
    sending: 'Calling …',
    badPath: 'A path begins with a slash.',
    status: (status: number, milliseconds: number) => `${status}, after ${milliseconds} ms`,
    headers: 'Headers',
    body: 'Body',
    headersNote: 'A browser shows those headers only that the API lets it see.',
    noAnswer: {
      title: 'No answer that a browser may read',
      text: 'The API is out of reach, or it does not allow calls from web pages (CORS). From a program the same call may well work: try the curl line.',
    },
    verdicts: {
      good: { title: 'It works', text: 'Your key and your plan are good.' },
      noToken: {
        title: 'The API does not take the token',
        text: 'Send the call again; if it stays so, sign out and in.',
      },
      freshKey: {
        title: 'AWS does not know your key yet',
        text: 'In its first minutes a key may be refused with 403. It is nothing that you did: send the call again in a moment.',
      },
      refusedKey: {
        title: 'The key was refused',
        text: 'Your plan may not cover this path, a change of plan may be on its way through AWS for some minutes, or the key was replaced in another tab. Reload this page to see the key of now.',
      },
      usedUp: {
        title: 'Your calls are used up',
        text: 'This is what your programs get now: 429, until the period begins anew.',
      },
      tooFast: {
        title: 'Faster than your plan allows',
        text: 'Too many calls in one moment. Wait a second; your quota is not used by calls that are refused.',
      },
      notFound: {
        title: 'The API has nothing at this path',
        text: 'Your key was not even looked at. Try another path.',
      },
      other: { title: 'The API answered', text: 'What it means is for its documentation to say.' },
    } satisfies Record<Verdict, { title: string; text: string }>,
    usedUpOverlap:
      'While your old key still works, the quota is shared between the two. End the overlap, and this key gets the rest.',
    usedUpUntil: (resets: string) => `Your calls come back on ${utcWeekday(resets)}, ${utcTime(resets)} UTC.`,
  },

  account: {
    title: 'Account',
    you: 'You',
    email: 'E-mail',
    id: 'Account id',
    idText: 'Name it when you write to support.',
    out: 'Signs you out here, in other tabs and on the sign-in page.',
    cancel: 'Cancel subscription',
    cancelText: 'Your key is switched off now and for good. Your account stays, and you may choose a plan again.',
  },
  cancel: {
    title: 'Cancel your subscription?',
    lead: 'This cannot be undone:',
    points: (plan: string) => [
      `Your plan ${plan} ends at once.`,
      'Your key is switched off for good. Programs that use it get 403, after some minutes at most.',
      'If you come back later, you get another key. Calls made in this period stay counted.',
    ],
    word: 'cancel',
    type: (word: string) => `Type “${word}” to confirm`,
    confirm: 'Cancel for good',
    keep: 'Keep my plan',
    done: 'Your subscription is cancelled, and your key is switched off.',
  },

  failures: {
    UNREACHABLE: {
      title: 'The server could not be reached',
      text: 'Check your connection. Pressing again is safe: nothing is done twice.',
    },
    TRY_AGAIN: {
      title: 'Busy just now',
      text: 'Please try it again later: nothing is done twice.',
    },
    AT_CAPACITY: {
      title: 'No room for another key at the moment',
      text: 'Your choice is recorded, and your key is made as soon as there is room. We would rather tell you than let you wait: please get in touch, or look in later.',
    },
    ACCOUNT_SUSPENDED: {
      title: 'Your account is suspended',
      text: 'So this cannot be done. Cancelling, and ending the overlap of a replaced key, still can.',
    },
    UNKNOWN_PLAN: {
      title: 'This plan is not there any more',
      text: 'The list of plans has changed meanwhile. Reload the page to see it as it is now.',
    },
    PLAN_NOT_FOR_SALE: {
      title: 'This plan cannot be chosen here',
      text: 'It is given by the people who run the API. Please get in touch with them.',
    },
    NO_SUBSCRIPTION: {
      title: 'You have no plan any more',
      text: 'It was cancelled, perhaps in another tab. Choose a plan to go on.',
    },
    UNKNOWN_KEY: {
      title: 'This key is gone already',
      text: 'It was replaced or ended meanwhile, perhaps in another tab.',
    },
    KEY_IN_USE: { title: 'This is your current key', text: 'Replace it instead.' },
    FORBIDDEN: {
      title: 'Your account may not do this',
      text: 'It has been disabled. Signing in again does not help; please get in touch.',
    },
    UNAUTHENTICATED: { title: 'Your session has ended', text: 'Sign in again, and you are back on this page.' },
    INTERNAL_SERVER_ERROR: {
      title: 'Something went wrong on our side',
      text: 'Pressing again is safe: nothing is done twice. If it stays so, tell us the reference.',
    },
  } as FailureWords,
  reference: (reference: string) => `Reference ${reference}`,
} as const;
