import { Field, ID, ObjectType, registerEnumType } from '@nestjs/graphql';
import { Plan } from '../plans/plan.model.js';
import { DateTimeScalar } from '../scalars.js';

export enum SubscriptionState {
  ACTIVE = 'ACTIVE',
  PROVISIONING = 'PROVISIONING',
  SUSPENDED = 'SUSPENDED',
  ENDING = 'ENDING',
}
registerEnumType(SubscriptionState, {
  name: 'SubscriptionState',
  description:
    'Whether what was asked for is done. PROVISIONING and ENDING are carried on by a repeated request, or by the next sweep.',
  valuesMap: {
    ACTIVE: { description: 'The key works on the plan. AWS may still answer 403 in the first minutes of a key.' },
    PROVISIONING: {
      description:
        'Recorded, but not carried out yet: repeat the request, or ask `me` again in a few seconds. With ' +
        '`suspension` set the key is being stopped: only ask `me`.',
    },
    SUSPENDED: { description: 'The key is kept but does not work; see `suspension`.' },
    ENDING: { description: 'Cancelled, but a key is still to be switched off: repeat the request, or ask `me` again.' },
  },
});

export enum SuspensionCode {
  PAYMENT = 'PAYMENT',
  ABUSE = 'ABUSE',
  ADMIN = 'ADMIN',
}
registerEnumType(SuspensionCode, {
  name: 'SuspensionCode',
  description: 'Why a key was stopped; the customer sees it.',
  valuesMap: {
    PAYMENT: { description: 'A payment is missing.' },
    ABUSE: { description: 'The API was abused.' },
    ADMIN: { description: 'Decided by the people who run the API, or the account is disabled.' },
  },
});

/** Presence counts, so a code that nobody knows suspends too; so does a disabled user. */
export function toSuspensionCode(text: string | null, enabled: boolean): SuspensionCode | null {
  if (text === null) return enabled ? null : SuspensionCode.ADMIN;
  return Object.values(SuspensionCode).find((code) => code === text.toUpperCase()) ?? SuspensionCode.ADMIN;
}

@ObjectType({ description: 'An API key, without its value.' })
export class ApiKey {
  @Field(() => ID, { description: 'What `rotateKey` and `revokeKey` take.' })
  readonly id!: string;

  @Field(() => String, { description: 'The last four characters of the value, to tell keys apart.' })
  readonly lastFour!: string;

  @Field(() => DateTimeScalar, { description: 'AWS may answer 403 to a key for some minutes after this.' })
  readonly createdAt!: Date;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When this key stops working; null = not planned.' })
  readonly retiresAt!: Date | null;

  constructor(fields: ApiKey) {
    Object.assign(this, fields);
  }
}

@ObjectType({
  description: 'An API key with its value, for its owner. Send it as the header `x-api-key`, never in a URL.',
})
export class IssuedKey {
  @Field(() => ID, { description: 'The `id` of the same key in `Subscription`; it is no secret.' })
  readonly id: string;

  @Field(() => String, {
    description: 'The secret. It is shown only in replies of subscribe, rotateKey and revealKey.',
  })
  readonly value: string;

  constructor(id: string, value: string) {
    this.id = id;
    this.value = value;
  }
}

@ObjectType({ description: 'What a customer has: one plan, one live key.' })
export class Subscription {
  @Field(() => String, { description: 'The code of the plan.' })
  readonly planCode!: string;

  @Field(() => Plan, {
    nullable: true,
    description:
      'Null when the plan is not to be found just now, and nothing changes for the customer then; also while a change is ' +
      'PROVISIONING, when it is not known at the moment.',
  })
  readonly plan!: Plan | null;

  @Field(() => SubscriptionState, { description: 'Whether it is as it was asked for, or on its way there.' })
  readonly state!: SubscriptionState;

  @Field(() => SuspensionCode, { nullable: true, description: 'Why it is suspended; null = it is not.' })
  readonly suspension!: SuspensionCode | null;

  @Field(() => ApiKey, {
    nullable: true,
    description:
      'The key. Null = there is none, as while it is being made, or it is not known at the moment: see `state`.',
  })
  readonly apiKey!: ApiKey | null;

  @Field(() => ApiKey, { nullable: true, description: 'The replaced key, as long as it still works.' })
  readonly overlappingKey!: ApiKey | null;

  constructor(fields: Subscription) {
    Object.assign(this, fields);
  }
}
