import { answered, type Facts } from '../facts.js';
import type { Finding } from '../finding.js';

// "Amazon API Gateway quotas and important notes": per account and Region, and not raised on request.
const MOST_KEYS = 10_000;
const SHARE_TO_WARN_AT = 0.9;

/** Somebody should know before the account has no room for another key. */
export function keyCount(facts: Facts): Finding[] {
  const keys = answered(facts.keys);
  if (keys === null || keys < MOST_KEYS * SHARE_TO_WARN_AT) return [];
  return [
    {
      name: 'key-count',
      what: `There are ${keys} API keys; an account may have ${MOST_KEYS} in a Region.`,
      why: 'When they are used up nobody new gets a key, and those who ask are answered AT_CAPACITY. AWS does not raise this number.',
      mend: 'Delete keys that nobody uses, or let new customers into a second account or Region.',
    },
  ];
}
