import { createUnionType, Field, ObjectType } from '@nestjs/graphql';
import { Plan } from '../plans/plan.model.js';
import { UnknownPlan } from '../plans/plans.problems.js';
import { IssuedKey, Subscription } from './subscription.model.js';
import { AccountSuspended, NoSubscription, PlanNotForSale } from './subscriptions.problems.js';

@ObjectType({ description: 'The plan is yours, or will be in a moment: see `subscription.state`.' })
export class SubscriptionChanged {
  @Field(() => Subscription, { description: 'As it is now; `state` says whether the plan is in force.' })
  readonly subscription: Subscription;

  @Field(() => IssuedKey, {
    nullable: true,
    description: 'Null while the state is PROVISIONING; then ask `revealKey`.',
  })
  readonly key: IssuedKey | null;

  constructor(subscription: Subscription, key: IssuedKey | null) {
    this.subscription = subscription;
    this.key = key;
  }
}

@ObjectType({ description: 'The subscription is over, for good.' })
export class SubscriptionCancelled {
  @Field(() => Plan, { nullable: true, description: 'The plan that was cancelled.' })
  readonly plan: Plan | null;

  @Field(() => Subscription, { nullable: true, description: 'Null = every key is dead; else its state is ENDING.' })
  readonly subscription: Subscription | null;

  constructor(plan: Plan | null, subscription: Subscription | null) {
    this.plan = plan;
    this.subscription = subscription;
  }
}

export const SubscribeResult = createUnionType({
  name: 'SubscribeResult',
  description: 'What `subscribe` answers: one type for success, the others say why not.',
  types: () => [SubscriptionChanged, UnknownPlan, PlanNotForSale, AccountSuspended] as const,
});

export const CancelSubscriptionResult = createUnionType({
  name: 'CancelSubscriptionResult',
  description: 'What `cancelSubscription` answers: one type for success, the others say why not.',
  types: () => [SubscriptionCancelled, NoSubscription] as const,
});
