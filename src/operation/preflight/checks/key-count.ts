import { fleetPrefixOf, otherFleets } from '../../../subscriptions/reconcile/key-identity.js';
import { answered, type Expected, type Facts } from '../facts.js';
import type { Finding } from '../finding.js';

// "Amazon API Gateway quotas and important notes": per account and Region, and not raised on request.
const MOST_KEYS = 10_000;
const SHARE_TO_WARN_AT = 0.9;

/** Somebody should know before the account has no room for another key. */
export function keyCount(facts: Facts): Finding[] {
  const keys = answered(facts.keys)?.all ?? 0;
  if (keys < MOST_KEYS * SHARE_TO_WARN_AT) return [];
  return [
    {
      name: 'key-count',
      what: `There are ${keys} API keys; an account may have ${MOST_KEYS} in a Region.`,
      why: 'When they are used up nobody new gets a key, and those who ask are answered AT_CAPACITY. AWS does not raise this number.',
      mend: 'Delete keys that nobody uses, or let new customers into a second account or Region.',
    },
  ];
}

/** Nothing that Turnpike does shows or ends a key of another prefix or pool; whose it is only people know. */
export function keysElsewhere(facts: Facts, expected: Expected): Finding[] {
  const names = answered(facts.keys)?.enabledNames ?? [];
  return [...otherFleets(names, fleetPrefixOf(expected))].map(([fleet, count]) => ({
    name: 'keys-elsewhere',
    what: `Of enabled keys that Turnpike made, and whose names begin with ${fleet}, there are ${count}.`,
    why:
      'Of another deployment in this account they are none of our business. Left behind when the pool or KEY_PREFIX of this ' +
      'one was changed they work for good, each beside the new key of its customer, and nothing ends them.',
    mend:
      'Nothing, if that deployment is there. If not: docs/operators.md, section 1, "Another pool or KEY_PREFIX". These are they:\n' +
      `aws apigateway get-api-keys --region ${expected.region} --name-query ${fleet} --query 'items[?enabled].[id,name]' --output text`,
  }));
}
