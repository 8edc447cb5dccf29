import { createUnionType, Field, ObjectType } from '@nestjs/graphql';
import { UnknownPlan } from '../plans/plans.problems.js';
import {
  NoQuota,
  NoSubscription,
  OwnAccount,
  RetiredPlan,
  UnknownUser,
  UserDisabled,
} from './subscriptions.problems.js';
import { User } from './user.model.js';

@ObjectType({
  description: 'Done, or recorded and on its way: see `user.subscription.state`. Repeating it changes nothing.',
})
export class UserChanged {
  @Field(() => User, { description: 'The user as they are now.' })
  readonly user: User;

  constructor(user: User) {
    this.user = user;
  }
}

@ObjectType({ description: 'Deletion is recorded: to everybody else there is no such user any more.' })
export class UserDeleted {
  @Field(() => User, { description: 'The user as they were last; `isFinished` says whether every key is dead.' })
  readonly user: User;

  @Field(() => Boolean, { description: 'Whether keys and user are gone; if not, the next sweep finishes it.' })
  readonly isFinished: boolean;

  constructor(user: User, isFinished: boolean) {
    this.user = user;
    this.isFinished = isFinished;
  }
}

export const AssignPlanResult = createUnionType({
  name: 'AssignPlanResult',
  description: 'What `assignPlan` answers: one type for success, the others say why not.',
  types: () => [UserChanged, UnknownUser, UnknownPlan, RetiredPlan] as const,
});

export const CancelSubscriptionForResult = createUnionType({
  name: 'CancelSubscriptionForResult',
  description: 'What `cancelSubscriptionFor` answers: one type for success, the others say why not.',
  types: () => [UserChanged, UnknownUser, NoSubscription] as const,
});

export const SuspendUserResult = createUnionType({
  name: 'SuspendUserResult',
  description: 'What `suspendUser` answers: one type for success, the others say why not.',
  types: () => [UserChanged, UnknownUser, OwnAccount] as const,
});

export const ResumeUserResult = createUnionType({
  name: 'ResumeUserResult',
  description: 'What `resumeUser` answers: one type for success, the others say why not.',
  types: () => [UserChanged, UnknownUser, UserDisabled] as const,
});

export const GrantQuotaResult = createUnionType({
  name: 'GrantQuotaResult',
  description: 'What `grantQuota` answers: one type for success, the others say why not.',
  types: () => [UserChanged, UnknownUser, NoSubscription, NoQuota] as const,
});

export const DeleteUserResult = createUnionType({
  name: 'DeleteUserResult',
  description: 'What `deleteUser` answers: one type for success, the others say why not.',
  types: () => [UserDeleted, UnknownUser, OwnAccount] as const,
});

export const RepairUserResult = createUnionType({
  name: 'RepairUserResult',
  description: 'What `repairUser` answers: one type for success, the others say why not.',
  types: () => [UserChanged, UnknownUser, UnknownPlan] as const,
});
