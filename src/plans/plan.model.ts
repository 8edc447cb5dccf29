import { Field, Float, ID, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { CountScalar } from '../scalars.js';
import type { QuotaPeriodName } from './quota-period.js';

export enum QuotaPeriod {
  DAY = 'DAY',
  WEEK = 'WEEK',
  MONTH = 'MONTH',
}
registerEnumType(QuotaPeriod, {
  name: 'QuotaPeriod',
  description: 'How long a quota lasts before it is whole again; counted in UTC, weeks from Monday.',
  valuesMap: {
    DAY: { description: 'From midnight.' },
    WEEK: { description: 'From Monday, midnight.' },
    MONTH: { description: 'From midnight on the first of the month.' },
  },
});

@ObjectType({ description: 'How many calls a plan includes in each period.' })
export class Quota {
  @Field(() => CountScalar, { description: 'Calls in each period.' })
  readonly limit: number;

  @Field(() => QuotaPeriod, { description: 'After which time they are there anew.' })
  readonly period: QuotaPeriodName;

  constructor(limit: number, period: QuotaPeriodName) {
    this.limit = limit;
    this.period = period;
  }
}

@ObjectType({
  description: 'How fast a key may call: a token bucket of burstLimit calls that refills by rateLimit a second.',
})
export class Throttle {
  @Field(() => Float, { description: 'Calls a second in the long run.' })
  readonly rateLimit: number;

  @Field(() => Int, { description: 'Calls at once.' })
  readonly burstLimit: number;

  constructor(rateLimit: number, burstLimit: number) {
    this.rateLimit = rateLimit;
    this.burstLimit = burstLimit;
  }
}

@ObjectType({ description: 'What a customer can subscribe to.' })
export class Plan {
  @Field(() => ID, { description: 'The id of the usage plan in API Gateway.' })
  readonly id!: string;

  @Field(() => String, { description: 'The stable name that `subscribe` takes: free, basic, pro …' })
  readonly code!: string;

  @Field(() => String, { description: 'The name to show.' })
  readonly title!: string;

  @Field(() => String, { nullable: true, description: 'What the plan is for; null = nobody wrote it down.' })
  readonly description!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'The price as text to show, such as "49 USD / month". Turnpike charges nobody.',
  })
  readonly price!: string | null;

  @Field(() => Boolean, {
    description: 'Whether customers may choose this plan themselves; if not, an admin assigns it.',
  })
  readonly selfService!: boolean;

  @Field(() => Boolean, { description: 'Whether the plan takes nobody new; those who have it keep it.' })
  readonly retired!: boolean;

  @Field(() => Quota, { nullable: true, description: 'Null means unlimited.' })
  readonly quota!: Quota | null;

  @Field(() => Throttle, { nullable: true, description: 'Null means unlimited.' })
  readonly throttle!: Throttle | null;

  /** Position in lists; not for show. */
  readonly order!: number;

  /** From when on counters can be taken to go by this quota, seconds since 1970; 0 = it was never changed. Not for show. */
  readonly quotaSince!: number;

  constructor({ quotaSince = 0, ...fields }: Omit<Plan, 'forSale' | 'quotaSince'> & { readonly quotaSince?: number }) {
    Object.assign(this, { ...fields, quotaSince });
  }

  get forSale(): boolean {
    return this.selfService && !this.retired;
  }
}
