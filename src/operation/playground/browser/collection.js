import { FLEET_OPERATIONS } from './fleet-operations.js';

/**
 * The operations of docs/admin.md, in its order; a test compares the two. What is empty among the variables is to be filled in,
 * the reason above all: an empty one is refused, so nothing happens by a careless press.
 */
export const COLLECTION = [
  {
    heading: 'Find',
    operations: [
      {
        name: 'Users',
        about: 'The newest, with plan and usage',
        variables: {},
        text: `query Users {
  users(first: 20) {
    asOf
    totalCount
    edges {
      node {
        id email
        subscription { planCode state apiKey { lastFour createdAt } }
        usage { used remaining }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
`,
      },
      {
        name: 'Search',
        about: 'By e-mail, user name or id',
        variables: { search: '' },
        text: `query Search($search: String!) {
  users(search: $search) {
    edges {
      node { id username email enabled suspension subscription { planCode state } }
    }
  }
}
`,
      },
      {
        name: 'OnAPlan',
        about: 'Active customers of one plan',
        variables: { plan: 'free' },
        text: `query OnAPlan($plan: String!) {
  users(plan: $plan, state: ACTIVE, first: 50) {
    totalCount
    edges { node { id email usage { used limit granted resetsAt } } }
    pageInfo { hasNextPage endCursor }
  }
}
`,
      },
      {
        name: 'OneUser',
        about: 'All there is to see of one user',
        variables: { userId: '' },
        text: `query OneUser($userId: ID!) {
  user(id: $userId) {
    id username email
    status enabled createdAt suspension
    subscription {
      planCode state suspension
      apiKey { id lastFour createdAt }
      overlappingKey { id retiresAt }
    }
    usage {
      limit used remaining granted
      periodStart resetsAt asOf
      daily { date used }
    }
  }
}
`,
      },
    ],
  },
  {
    heading: 'Act on a user',
    operations: [
      {
        name: 'AssignPlan',
        about: 'Any plan, for sale or not',
        variables: { userId: '', plan: 'pro', reason: '' },
        text: `mutation AssignPlan($userId: ID!, $plan: String!, $reason: String!) {
  assignPlan(userId: $userId, plan: $plan, reason: $reason) {
    ... on UserChanged { user { subscription { planCode state } } }
    ... on Problem { code message }
  }
}
`,
      },
      {
        name: 'GrantQuota',
        about: 'Extra calls in this period',
        variables: { userId: '', requests: 500, reason: '' },
        text: `mutation GrantQuota($userId: ID!, $requests: Count!, $reason: String!) {
  grantQuota(userId: $userId, requests: $requests, reason: $reason) {
    ... on UserChanged { user { usage { limit granted remaining } } }
    ... on Problem { code message }
  }
}
`,
      },
      {
        name: 'SuspendUser',
        about: 'The key stops, and they see why',
        variables: { userId: '', code: 'PAYMENT', reason: '' },
        text: `mutation SuspendUser($userId: ID!, $code: SuspensionCode!, $reason: String!) {
  suspendUser(userId: $userId, code: $code, reason: $reason) {
    ... on UserChanged { user { suspension subscription { state } } }
    ... on Problem { code message }
  }
}
`,
      },
      {
        name: 'ResumeUser',
        about: 'The same key works again',
        variables: { userId: '', reason: '' },
        text: `mutation ResumeUser($userId: ID!, $reason: String!) {
  resumeUser(userId: $userId, reason: $reason) {
    ... on UserChanged { user { suspension subscription { state } } }
    ... on Problem { code message }
  }
}
`,
      },
      {
        name: 'RotateKeyFor',
        about: 'A new key in place of a leaked one',
        variables: { userId: '', keyId: '', graceSeconds: 86400, reason: '' },
        text: `mutation RotateKeyFor($userId: ID!, $keyId: ID!, $graceSeconds: Int!, $reason: String!) {
  rotateKeyFor(userId: $userId, keyId: $keyId, graceSeconds: $graceSeconds, reason: $reason) {
    ... on UserChanged { user { subscription { apiKey { id lastFour } overlappingKey { id retiresAt } } } }
    ... on Problem { code message }
  }
}
`,
      },
      {
        name: 'RepairUser',
        about: 'Bring a user to what is meant, now',
        variables: { userId: '', reason: '' },
        text: `mutation RepairUser($userId: ID!, $reason: String!) {
  repairUser(userId: $userId, reason: $reason) {
    ... on UserChanged { user { subscription { planCode state } } }
    ... on Problem { code message }
  }
}
`,
      },
      {
        name: 'CancelSubscriptionFor',
        about: 'No plan, and the key is dead for good',
        variables: { userId: '', reason: '' },
        text: `mutation CancelSubscriptionFor($userId: ID!, $reason: String!) {
  cancelSubscriptionFor(userId: $userId, reason: $reason) {
    ... on UserChanged { user { subscription { state } } }
    ... on Problem { code message }
  }
}
`,
      },
      {
        name: 'DeleteUser',
        about: 'With every key, and for good',
        variables: { userId: '', reason: '' },
        text: `mutation DeleteUser($userId: ID!, $reason: String!) {
  deleteUser(userId: $userId, reason: $reason) {
    ... on UserDeleted { isFinished user { id subscription { state } } }
    ... on Problem { code message }
  }
}
`,
      },
    ],
  },
  ...FLEET_OPERATIONS,
];
