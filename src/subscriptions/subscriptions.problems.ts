import { ObjectType } from '@nestjs/graphql';
import { Problem } from '../problem.js';

@ObjectType({ implements: () => Problem, description: 'The plan exists, but you cannot choose it yourself.' })
export class PlanNotForSale extends Problem {
  constructor() {
    super(
      'PLAN_NOT_FOR_SALE',
      'This plan cannot be chosen here. Choose one that `plans` shows, or ask for it to be assigned.',
    );
  }
}

@ObjectType({ implements: () => Problem, description: 'The account is suspended.' })
export class AccountSuspended extends Problem {
  constructor() {
    super(
      'ACCOUNT_SUSPENDED',
      'Your account is suspended; `subscription.suspension` says why. Contact the people who run this API.',
    );
  }
}

@ObjectType({ implements: () => Problem, description: 'There is no subscription.' })
export class NoSubscription extends Problem {
  constructor() {
    super('NO_SUBSCRIPTION', 'You have no subscription. Choose a plan with `subscribe` first.');
  }
}
