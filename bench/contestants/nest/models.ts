import { Field, Float, ID, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { GraphQLScalarType } from 'graphql';

const Count = new GraphQLScalarType({ name: 'Count', serialize: Number });

enum QuotaPeriod {
  DAY = 'DAY',
  MONTH = 'MONTH',
  WEEK = 'WEEK',
}

enum SubscriptionState {
  ACTIVE = 'ACTIVE',
  ENDING = 'ENDING',
  PROVISIONING = 'PROVISIONING',
  SUSPENDED = 'SUSPENDED',
}

registerEnumType(QuotaPeriod, { name: 'QuotaPeriod' });
registerEnumType(SubscriptionState, { name: 'SubscriptionState' });

@ObjectType()
class Quota {
  @Field(() => Count)
  readonly limit!: number;

  @Field(() => QuotaPeriod)
  readonly period!: QuotaPeriod;
}

@ObjectType()
class Throttle {
  @Field(() => Int)
  readonly burstLimit!: number;

  @Field(() => Float)
  readonly rateLimit!: number;
}

@ObjectType()
export class Plan {
  @Field()
  readonly code!: string;

  @Field()
  readonly title!: string;

  @Field(() => String, { nullable: true })
  readonly price!: string | null;

  @Field(() => Quota, { nullable: true })
  readonly quota!: Quota | null;

  @Field(() => Throttle, { nullable: true })
  readonly throttle!: Throttle | null;
}

@ObjectType()
class ApiKey {
  @Field(() => ID)
  readonly id!: string;

  @Field()
  readonly lastFour!: string;

  @Field()
  readonly createdAt!: Date;
}

@ObjectType()
export class Subscription {
  @Field(() => SubscriptionState)
  readonly state!: SubscriptionState;

  @Field()
  readonly planCode!: string;

  @Field(() => Plan, { nullable: true })
  readonly plan!: Plan | null;

  @Field(() => ApiKey, { nullable: true })
  readonly apiKey!: ApiKey | null;
}

@ObjectType()
export class Usage {
  @Field(() => Count, { nullable: true })
  readonly limit!: number | null;

  @Field(() => Count)
  readonly used!: number;

  @Field(() => Count, { nullable: true })
  readonly remaining!: number | null;

  @Field(() => Date, { nullable: true })
  readonly resetsAt!: Date | null;

  @Field()
  readonly asOf!: Date;
}

@ObjectType()
export class User {
  @Field(() => ID)
  readonly id!: string;

  @Field(() => String, { nullable: true })
  readonly email!: string | null;
}
