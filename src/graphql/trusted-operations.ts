/**
 * The texts of queries that are known when Turnpike is built. Made from the portal's and the documentation's own; a test
 * compares.
 */
export const TRUSTED_OPERATIONS: readonly string[] = [
  '\n    query DailyUsage($from: Date!, $to: Date!) {\n  me {\n    dailyUsage(from: $from, to: $to) {\n      date\n      used\n    }\n  }\n}\n    ',
  '\n    query Me {\n  me {\n    id\n    email\n    username\n    suspension\n    subscription {\n      ...SubscriptionParts\n    }\n    usage {\n      limit\n      used\n      remaining\n      granted\n      periodStart\n      resetsAt\n      asOf\n      daily {\n        date\n        used\n      }\n    }\n  }\n}\n    fragment PlanParts on Plan {\n  code\n  title\n  description\n  price\n  selfService\n  retired\n  quota {\n    limit\n    period\n  }\n  throttle {\n    rateLimit\n    burstLimit\n  }\n}\nfragment SubscriptionParts on Subscription {\n  planCode\n  state\n  suspension\n  plan {\n    ...PlanParts\n  }\n  apiKey {\n    id\n    lastFour\n    createdAt\n    retiresAt\n  }\n  overlappingKey {\n    id\n    lastFour\n    createdAt\n    retiresAt\n  }\n}',
  '\n    query Plans {\n  plans {\n    ...PlanParts\n  }\n}\n    fragment PlanParts on Plan {\n  code\n  title\n  description\n  price\n  selfService\n  retired\n  quota {\n    limit\n    period\n  }\n  throttle {\n    rateLimit\n    burstLimit\n  }\n}',
  'query Me {\n  me {\n    id\n    email\n    subscription {\n      ...SubscriptionParts\n    }\n    usage {\n      limit\n      used\n      remaining\n      resetsAt\n      asOf\n      daily {\n        date\n        used\n      }\n    }\n  }\n}\n\nfragment SubscriptionParts on Subscription {\n  planCode\n  state\n  suspension\n  plan {\n    title\n  }\n  apiKey {\n    id\n    lastFour\n    createdAt\n    retiresAt\n  }\n  overlappingKey {\n    id\n    lastFour\n    retiresAt\n  }\n}',
  'query Plans {\n  plans {\n    code\n    title\n    price\n    quota {\n      limit\n      period\n    }\n    throttle {\n      rateLimit\n      burstLimit\n    }\n  }\n}',
];
