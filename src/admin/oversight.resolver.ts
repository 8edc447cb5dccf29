import { Args, ArgsType, Field, ID, Int, Mutation, Resolver } from '@nestjs/graphql';
import { AdminOnly } from '../auth/access.decorator.js';
import type { Caller } from '../auth/caller.js';
import { CurrentUser } from '../auth/current-user.decorator.js';
import { Adoption } from '../keys/adoption.service.js';
import { ImportKeyResult, RotateKeyForResult } from '../keys/keys.results.js';
import { KeysService } from '../keys/keys.service.js';
import { CountScalar } from '../scalars.js';
import {
  AssignPlanResult,
  CancelSubscriptionForResult,
  DeleteUserResult,
  GrantQuotaResult,
  RepairUserResult,
  ResumeUserResult,
  SuspendUserResult,
} from '../subscriptions/oversight.results.js';
import { Oversight } from '../subscriptions/oversight.service.js';
import { SuspensionCode } from '../subscriptions/subscription.model.js';
import { UserArgs, WithReason } from './reason.js';

@ArgsType()
class AssignPlanArgs extends UserArgs {
  @Field(() => String, { description: 'The code of the plan.' })
  readonly plan!: string;
}

@ArgsType()
class SuspendUserArgs extends UserArgs {
  @Field(() => SuspensionCode, { description: 'What the user is told.' })
  readonly code!: SuspensionCode;
}

@ArgsType()
class GrantQuotaArgs extends UserArgs {
  @Field(() => CountScalar, { description: 'Extra calls of the current period in total; 0 takes them away.' })
  readonly requests!: number;
}

@ArgsType()
class RotateKeyForArgs extends UserArgs {
  @Field(() => ID, { description: 'The key that must go.' })
  readonly keyId!: string;

  @Field(() => Int, { defaultValue: 0, description: 'How long the old key keeps working: 0 to 2,592,000 (30 days).' })
  readonly graceSeconds!: number;
}

@ArgsType()
class ImportKeyArgs extends UserArgs {
  @Field(() => ID, { description: 'Id of the API key in API Gateway.' })
  readonly keyId!: string;
}

/** What customers do for themselves, and more, done for them. */
@AdminOnly()
@Resolver()
export class OversightResolver {
  constructor(
    private readonly oversight: Oversight,
    private readonly keys: KeysService,
    private readonly adoption: Adoption,
  ) {}

  @Mutation(() => AssignPlanResult, {
    description:
      'Make this the plan of a user, also one that is not for self-service. Calls made in the period count on.',
  })
  assignPlan(@Args(WithReason) { userId, plan }: AssignPlanArgs) {
    return this.oversight.assign(userId, plan);
  }

  @Mutation(() => CancelSubscriptionForResult, {
    description: 'End the subscription of a user, at once and for good: the key is switched off.',
  })
  cancelSubscriptionFor(@Args(WithReason) { userId }: UserArgs) {
    return this.oversight.cancel(userId);
  }

  @Mutation(() => SuspendUserResult, {
    description: 'Stop the key of a user without ending the subscription; `resumeUser` makes the same key work again.',
  })
  suspendUser(@CurrentUser() admin: Caller, @Args(WithReason) { userId, code }: SuspendUserArgs) {
    return this.oversight.suspend(admin, userId, code);
  }

  @Mutation(() => ResumeUserResult, { description: 'Lift a suspension: the same key works again.' })
  resumeUser(@Args(WithReason) { userId }: UserArgs) {
    return this.oversight.resume(userId);
  }

  @Mutation(() => RotateKeyForResult, {
    description:
      'Replace the key of a user, who sees the new one with `revealKey`. A suspended one may be replaced too.',
  })
  rotateKeyFor(@Args(WithReason) { userId, keyId, graceSeconds }: RotateKeyForArgs) {
    return this.keys.rotateFor(userId, keyId, graceSeconds);
  }

  @Mutation(() => GrantQuotaResult, {
    description: 'Give a user extra calls until the quota resets. The number is the total: repeating it adds nothing.',
  })
  grantQuota(@Args(WithReason) { userId, requests }: GrantQuotaArgs) {
    return this.oversight.grant(userId, requests);
  }

  @Mutation(() => ImportKeyResult, {
    description:
      'Make an API key that was made by hand the current key of a user, and the plan that it is in the plan of the user. ' +
      'Its value works on until it is rotated. It takes the place of a key that the user has, which is switched off.',
  })
  importKey(@Args(WithReason) { userId, keyId }: ImportKeyArgs) {
    return this.adoption.importFor(userId, keyId);
  }

  @Mutation(() => DeleteUserResult, {
    description: 'Delete a user for good: first every key is switched off, then the user is signed out and deleted.',
  })
  deleteUser(@CurrentUser() admin: Caller, @Args(WithReason) { userId }: UserArgs) {
    return this.oversight.delete(admin, userId);
  }

  @Mutation(() => RepairUserResult, {
    description:
      'Bring what a user has to what is meant. A plan that somebody wrote on the user by hand becomes valid.',
  })
  repairUser(@Args(WithReason) { userId }: UserArgs) {
    return this.oversight.repair(userId);
  }
}
