import { ArgsType, Field, ObjectType } from '@nestjs/graphql';
import { type CalendarDate, CountScalar, DateScalar, DateTimeScalar } from '../scalars.js';

@ObjectType({ description: 'Calls of one UTC day, over all keys and plans.' })
export class DailyUsage {
  @Field(() => DateScalar, { description: 'The UTC day.' })
  readonly date: CalendarDate;

  @Field(() => CountScalar, { description: 'Calls made on it.' })
  readonly used: number;

  constructor(date: CalendarDate, used: number) {
    this.date = date;
    this.used = used;
  }
}

@ObjectType({
  description:
    'Calls of the current period, over all keys and plans. AWS reports calls up to an hour late and does not promise ' +
    'that quotas are exact.',
})
export class Usage {
  @Field(() => CountScalar, {
    nullable: true,
    description: 'Calls included, granted ones with them; null = unlimited.',
  })
  readonly limit!: number | null;

  @Field(() => CountScalar, { description: 'Calls made; those refused with 429 do not count.' })
  readonly used!: number;

  @Field(() => CountScalar, { nullable: true, description: 'Calls left; null = unlimited.' })
  readonly remaining!: number | null;

  @Field(() => CountScalar, { description: 'Extra calls that an admin gave for this period; `limit` has them in it.' })
  readonly granted!: number;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'When the quota was whole last. Null when the plan has no quota.',
  })
  readonly periodStart!: Date | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'When the quota is whole again; AWS does not promise the instant. Null when the plan has no quota.',
  })
  readonly resetsAt!: Date | null;

  @Field(() => DateTimeScalar, { description: 'When AWS was asked. What it answers lags behind.' })
  readonly asOf!: Date;

  @Field(() => [DailyUsage], { description: 'The days of the period on which calls were made.' })
  readonly daily!: readonly DailyUsage[];

  constructor(fields: Usage) {
    Object.assign(this, fields);
  }
}

@ArgsType()
export class DailyUsageArgs {
  @Field(() => DateScalar, { description: 'The first UTC day.' })
  readonly from!: CalendarDate;

  @Field(() => DateScalar, { description: 'The last UTC day; at most 92 days in all.' })
  readonly to!: CalendarDate;
}
