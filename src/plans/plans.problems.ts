import { ObjectType } from '@nestjs/graphql';
import { Problem } from '../problem.js';

@ObjectType({ implements: () => Problem, description: 'There is no plan with this code.' })
export class UnknownPlan extends Problem {
  constructor() {
    super('UNKNOWN_PLAN', 'There is no plan with this code. Ask `plans` for those there are.');
  }
}

@ObjectType({ implements: () => Problem, description: 'Another plan bears this code.' })
export class PlanExists extends Problem {
  constructor() {
    super('PLAN_EXISTS', 'Another plan bears this code. Choose another one, or change that plan with `updatePlan`.');
  }
}

@ObjectType({ implements: () => Problem, description: 'A stage that the plan names is not there.' })
export class UnknownStage extends Problem {
  constructor() {
    super(
      'UNKNOWN_STAGE',
      'API Gateway has no such stage. Name stages that are deployed, as `<api id>:<stage>`; nothing was changed.',
    );
  }
}

@ObjectType({ implements: () => Problem, description: 'Plans are not managed here.' })
export class PlansNotManaged extends Problem {
  constructor() {
    super(
      'PLANS_NOT_MANAGED',
      'This server may not change plans. Whoever runs it can let it with MANAGE_PLANS=true and the rights for it.',
    );
  }
}
