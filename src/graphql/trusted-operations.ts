/**
 * The texts of queries that are known when Turnpike is built. Made from the portal's and the documentation's own; a test
 * compares.
 */
export const TRUSTED_OPERATIONS: readonly string[] = [
  'query Me { me { email subscription { state plan { code title quota { limit period } throttle { rateLimit burstLimit } } apiKey { id lastFour createdAt } } usage { limit used remaining resetsAt asOf } } }',
  '{ plans { code title price quota { limit period } throttle { rateLimit burstLimit } } }',
];
