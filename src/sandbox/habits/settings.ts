import * as z from 'zod';
import { accepted, count, flag } from '../control-input.js';

/** Every bad habit that can be switched, with what it does in a sentence for `GET /_sandbox/habits`. */
const SCHEMA = z.strictObject({
  rates: flag().describe(
    'Refuses calls over the rates of an AWS account: API Gateway 10 a second with a burst of 40 over all operations, CreateApiKey and DeleteApiKey 5 a second each, UpdateUsagePlan one in 20 seconds; Cognito by category (AdminGetUser 120 a second, ListUsers 30, AdminUpdateUserAttributes and its like 25 …). Counted on the real clock.',
  ),
  rateFactor: z
    .number({ error: 'must be a number above 0' })
    .positive({ error: 'must be a number above 0' })
    .describe('Multiplies every rate of `rates` (not the bursts), so that a suite need not wait for AWS.'),
  retryAfter: flag().describe('Whether refusals of `rates` by API Gateway carry Retry-After; AWS promises neither.'),
  serialAttach: flag().describe(
    'Answers 409 (concurrent modification) to a CreateUsagePlanKey or DeleteUsagePlanKey while another is in progress.',
  ),
  serialAttachMilliseconds: count().describe('How long one attach or detach is in progress, on the real clock.'),
  keyCap: count().describe('How many API keys the account may hold; CreateApiKey over it answers LimitExceeded (429).'),
  usageLagSeconds: count().describe(
    'GetUsage shows only calls and corrections older than this (sandbox clock); quotas are enforced at once all the same.',
  ),
  staleWrites: count().describe(
    'GetApiKeys, GetUsagePlanKeys, GetUsagePlans(keyId) and ListUsers do not show the last so many writes of their service.',
  ),
  staleMilliseconds: count().describe('The same lists do not show writes younger than this (sandbox clock).'),
  staleReads: flag().describe('GetApiKey and AdminGetUser are as stale as the lists.'),
  staleUsersOnly: flag().describe(
    'Of all that is stale only what Cognito answers: API Gateway shows every write at once.',
  ),
  propagationSeconds: count().describe(
    'Deployed APIs learn of changed keys, plans and attachments only after this (sandbox clock).',
  ),
  latencyMilliseconds: count().describe(
    'Every answer of Cognito and API Gateway, refusals too, comes this much later, on the real clock; what was called for takes effect at once. Deployed APIs, hosted pages and OAuth endpoints are not slowed.',
  ),
});

export type HabitSettings = Readonly<z.output<typeof SCHEMA>>;

/** All off: what every sandbox starts with. */
export const DEFAULTS: HabitSettings = {
  rates: false,
  rateFactor: 1,
  retryAfter: false,
  serialAttach: false,
  serialAttachMilliseconds: 50,
  keyCap: 10_000, // per account and Region, not increasable, so it holds even while all habits are off
  usageLagSeconds: 0,
  staleWrites: 0,
  staleMilliseconds: 0,
  staleReads: false,
  staleUsersOnly: false,
  propagationSeconds: 0,
  latencyMilliseconds: 0,
};

/** Part of the settings, as a caller sent them; whatever is left out stays as it is. */
export function habitSettings(input: unknown): Partial<HabitSettings> {
  const given = accepted(SCHEMA.partial(), input);
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

export function explained(settings: HabitSettings) {
  const rows = Object.entries(SCHEMA.shape).map(([name, { description = '' }]) => {
    const at = name as keyof HabitSettings;
    return [name, { value: settings[at], default: DEFAULTS[at], explanation: description }] as const;
  });
  return Object.fromEntries(rows);
}
