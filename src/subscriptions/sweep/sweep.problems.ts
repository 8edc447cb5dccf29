import { ObjectType } from '@nestjs/graphql';
import { Problem } from '../../problem.js';

@ObjectType({ implements: () => Problem, description: 'A sweep is under way that was begun otherwise.' })
export class SweepUnderWay extends Problem {
  constructor() {
    super(
      'SWEEP_UNDER_WAY',
      'A sweep is under way that was begun with the other `confirm`. Ask again once it is over.',
    );
  }
}
