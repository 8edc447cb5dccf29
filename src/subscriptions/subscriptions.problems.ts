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

@ObjectType({ implements: () => Problem, description: 'There is no user with this id.' })
export class UnknownUser extends Problem {
  constructor() {
    super('UNKNOWN_USER', 'There is no user with this id, or deletion was asked for. Ask `users` for those there are.');
  }
}

@ObjectType({ implements: () => Problem, description: 'The plan takes nobody new.' })
export class RetiredPlan extends Problem {
  constructor() {
    super('PLAN_RETIRED', 'This plan takes nobody new. Choose another one, or take its tag `retired` away first.');
  }
}

@ObjectType({ implements: () => Problem, description: 'An admin cannot do this to their own account.' })
export class OwnAccount extends Problem {
  constructor() {
    super('OWN_ACCOUNT', 'This is your own account: ask another admin to do it.');
  }
}

@ObjectType({ implements: () => Problem, description: 'The user is disabled in Cognito.' })
export class UserDisabled extends Problem {
  constructor() {
    super(
      'USER_DISABLED',
      'The user is disabled in Cognito, which suspends as well: enable the user there, then resume.',
    );
  }
}

@ObjectType({ implements: () => Problem, description: 'The plan has no quota, so there is nothing to add to.' })
export class NoQuota extends Problem {
  constructor() {
    super('NO_QUOTA', 'The plan of this user has no quota: calls are unlimited already.');
  }
}
