import { Field, ID, ObjectType, registerEnumType } from '@nestjs/graphql';
import { DateTimeScalar } from '../scalars.js';
import { type Customer, subscriptionOf } from './customer.js';
import { Subscription, SuspensionCode } from './subscription.model.js';

export enum UserStatus {
  UNCONFIRMED = 'UNCONFIRMED',
  CONFIRMED = 'CONFIRMED',
  EXTERNAL_PROVIDER = 'EXTERNAL_PROVIDER',
  RESET_REQUIRED = 'RESET_REQUIRED',
  FORCE_CHANGE_PASSWORD = 'FORCE_CHANGE_PASSWORD',
  UNKNOWN = 'UNKNOWN',
}
registerEnumType(UserStatus, {
  name: 'UserStatus',
  description: "Cognito's status of the user's sign-in.",
  valuesMap: {
    UNCONFIRMED: { description: 'Signed up, and has not entered the code yet.' },
    CONFIRMED: { description: 'May sign in.' },
    EXTERNAL_PROVIDER: { description: 'Signs in elsewhere, for example with Google.' },
    RESET_REQUIRED: { description: 'Must choose a new password.' },
    FORCE_CHANGE_PASSWORD: { description: 'Was made by an admin, and must replace the first password.' },
    UNKNOWN: { description: 'A status that Turnpike does not know.' },
  },
});

@ObjectType({ description: 'A customer.' })
export class User {
  @Field(() => ID, { description: 'The `sub` of the user: stable, never reused, and the only identity.' })
  readonly id!: string;

  @Field(() => String, { description: 'The user name in Cognito.' })
  readonly username!: string;

  @Field(() => String, {
    nullable: true,
    description: 'To write to, not to know them by: it may change. Null = there is none.',
  })
  readonly email!: string | null;

  @Field(() => Boolean, { description: 'Whether they have proved that the address is theirs.' })
  readonly emailVerified!: boolean;

  @Field(() => UserStatus, {
    description: 'How far their sign-up has come; `enabled` says whether they are let in at all.',
  })
  readonly status!: UserStatus;

  @Field(() => Boolean, { description: 'Whether the user may sign in.' })
  readonly enabled!: boolean;

  @Field(() => DateTimeScalar, { description: 'When they signed up.' })
  readonly createdAt!: Date;

  @Field(() => SuspensionCode, { nullable: true, description: 'Why the user is suspended; null = they are not.' })
  readonly suspension!: SuspensionCode | null;

  @Field(() => Subscription, { nullable: true, description: 'Null = no plan.' })
  readonly subscription!: Subscription | null;

  /** What all this was read from, for fields of other rooms. */
  readonly customer!: Customer;

  constructor(fields: User) {
    Object.assign(this, fields);
  }
}

export function toUser(customer: Customer): User {
  const { sub, user } = customer.desired;
  return new User({
    id: sub,
    username: user.username,
    email: user.attributes.email ?? null,
    emailVerified: user.attributes.email_verified === 'true',
    status: Object.values(UserStatus).find((status) => status === user.status) ?? UserStatus.UNKNOWN,
    enabled: user.enabled,
    createdAt: user.createdAt,
    suspension: customer.desired.suspension,
    subscription: subscriptionOf(customer),
    customer,
  });
}
