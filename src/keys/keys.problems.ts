import { ObjectType } from '@nestjs/graphql';
import { Problem } from '../problem.js';

@ObjectType({ implements: () => Problem, description: 'None of your keys has this id.' })
export class UnknownKey extends Problem {
  constructor() {
    super('UNKNOWN_KEY', 'None of your keys has this id. Ask `me { subscription { apiKey { id } } }` for it.');
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
