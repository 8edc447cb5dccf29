/** Operations of docs/admin.md that are not about one user. */
export const FLEET_OPERATIONS = [
  {
    heading: 'See what differs',
    operations: [
      {
        name: 'Drift',
        about: 'What differs from what is meant',
        variables: {},
        text: `query Drift {
  drift { asOf isDryRun users keys enabledKeys driftCount heldBack drift { userId username kind text } }
}
`,
      },
      {
        name: 'Sweep',
        about: 'Compare everybody, and mend',
        variables: { confirm: false, reason: '' },
        text: `mutation Sweep($confirm: Boolean! = false, $reason: String!) {
  sweep(confirm: $confirm, reason: $reason) {
    ... on SweepRun { isFinished report { driftCount mended unfinished heldBack } }
    ... on Problem { code message }
  }
}
`,
      },
    ],
  },
  {
    heading: 'Move in',
    operations: [
      {
        name: 'ImportKey',
        about: 'A key made by hand becomes theirs',
        variables: { userId: '', keyId: '', reason: '' },
        text: `mutation ImportKey($userId: ID!, $keyId: ID!, $reason: String!) {
  importKey(userId: $userId, keyId: $keyId, reason: $reason) {
    ... on UserChanged { user { subscription { planCode state apiKey { id lastFour } } } }
    ... on Problem { code message }
  }
}
`,
      },
    ],
  },
  {
    heading: 'Plans',
    operations: [
      {
        name: 'CreatePlan',
        about: 'With quota, throttle and stages',
        variables: { reason: '' },
        text: `mutation CreatePlan($reason: String!) {
  createPlan(
    input: {
      code: "team", title: "Team", price: "199 USD / month", selfService: false, order: 25
      quota: { limit: 50000, period: MONTH }, throttle: { rateLimit: 50, burstLimit: 100 }
      stages: ["sandboxapi:v1"]
    }
    reason: $reason
  ) {
    ... on PlanCreated { plan { code quota { limit period } } }
    ... on Problem { code message }
  }
}
`,
      },
      {
        name: 'UpdatePlan',
        about: 'What is not given stays as it is',
        variables: { plan: 'basic', reason: '' },
        text: `mutation UpdatePlan($plan: String!, $reason: String!) {
  updatePlan(code: $plan, input: { title: "Basic+", quota: { limit: 12000, period: MONTH } }, reason: $reason) {
    ... on PlanUpdated { plan { code title quota { limit } } }
    ... on Problem { code message }
  }
}
`,
      },
      {
        name: 'RetirePlan',
        about: 'Nobody new; those who have it keep it',
        variables: { plan: 'pro', reason: '' },
        text: `mutation RetirePlan($plan: String!, $reason: String!) {
  retirePlan(code: $plan, reason: $reason) {
    ... on PlanRetired { plan { code retired } customerCount customerIds }
    ... on Problem { code message }
  }
}
`,
      },
    ],
  },
  {
    heading: 'Who did what',
    operations: [
      {
        name: 'AuditEvents',
        about: 'What was done to a user, and by them',
        variables: { userId: '' },
        text: `query AuditEvents($userId: ID!) {
  auditEvents(userId: $userId, first: 20) {
    source
    edges { node { at mutation outcome reason actor { username isAdmin } } }
    pageInfo { hasNextPage endCursor }
  }
}
`,
      },
    ],
  },
  {
    heading: 'Reports',
    operations: [
      {
        name: 'UsageReport',
        about: 'Who called how much on a plan',
        variables: { plan: 'free', from: '', to: '' },
        text: `query UsageReport($plan: String!, $from: Date!, $to: Date!) {
  usageReport(plan: $plan, from: $from, to: $to, first: 50) {
    asOf
    isComplete
    totalCount
    edges { node { userId user { email } keyIds used isExact unattributed daily { date used } } }
    pageInfo { hasNextPage endCursor }
  }
}
`,
      },
    ],
  },
];
