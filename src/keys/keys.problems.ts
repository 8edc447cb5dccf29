import { ObjectType } from '@nestjs/graphql';
import { Problem } from '../problem.js';

@ObjectType({ implements: () => Problem, description: 'No key of the user has this id.' })
export class UnknownKey extends Problem {
  constructor() {
    super('UNKNOWN_KEY', 'No key of this user has this id. Ask `subscription { apiKey { id } }` for it.');
  }
}

@ObjectType({ implements: () => Problem, description: 'This is your current key.' })
export class KeyInUse extends Problem {
  constructor() {
    super(
      'KEY_IN_USE',
      'This is your current key. Replace it with `rotateKey`, or end everything with `cancelSubscription`.',
    );
  }
}

@ObjectType({ implements: () => Problem, description: 'The account holds no API key with this id.' })
export class UnknownApiKey extends Problem {
  constructor() {
    super(
      'UNKNOWN_API_KEY',
      'The AWS account holds no API key with this id. `npm run adopt -- report` lists those there are.',
    );
  }
}

@ObjectType({ implements: () => Problem, description: 'The API key is named as that of a customer.' })
export class ApiKeyTaken extends Problem {
  constructor() {
    super(
      'API_KEY_TAKEN',
      'This key is named as the key of a customer: Turnpike made it, or it was imported. What to do stands under API_KEY_TAKEN in docs/problems.md.',
    );
  }
}

@ObjectType({ implements: () => Problem, description: 'The API key is switched off.' })
export class ApiKeyDisabled extends Problem {
  constructor() {
    super(
      'API_KEY_DISABLED',
      'This key is switched off, and a key that was switched off stays off. Subscribe the user instead.',
    );
  }
}

@ObjectType({ implements: () => Problem, description: 'The API key is in no usage plan.' })
export class ApiKeyWithoutPlan extends Problem {
  constructor() {
    super(
      'API_KEY_WITHOUT_PLAN',
      'This key is in no usage plan, so it opens nothing. Put it into one of the plans first.',
    );
  }
}

@ObjectType({
  implements: () => Problem,
  description: 'The API key is in a usage plan that is not ours, or in several.',
})
export class ApiKeyInOtherPlan extends Problem {
  constructor() {
    super(
      'API_KEY_IN_OTHER_PLAN',
      'This key is in a usage plan without our tag, or in more than one plan. Tag the plan, or take the key out of it.',
    );
  }
}
