import { createUnionType, Field, ObjectType } from '@nestjs/graphql';
import { UserChanged } from '../subscriptions/oversight.results.js';
import { IssuedKey, Subscription } from '../subscriptions/subscription.model.js';
import { AccountSuspended, NoSubscription, UnknownUser } from '../subscriptions/subscriptions.problems.js';
import {
  ApiKeyDisabled,
  ApiKeyInOtherPlan,
  ApiKeyTaken,
  ApiKeyWithoutPlan,
  KeyInUse,
  UnknownApiKey,
  UnknownKey,
} from './keys.problems.js';

@ObjectType({ description: 'The key was replaced; a repeated request gets this newer key again, not a third one.' })
export class KeyRotated {
  @Field(() => Subscription, { description: 'With the new key, and with the old one while it still works.' })
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

@ObjectType({ description: 'The key is switched off, for good.' })
export class KeyRevoked {
  @Field(() => Subscription, { description: 'With the one key that is left.' })
  readonly subscription: Subscription;

  constructor(subscription: Subscription) {
    this.subscription = subscription;
  }
}

@ObjectType({ description: 'The key with its value. Do not keep it where others can read it.' })
export class KeyRevealed {
  @Field(() => IssuedKey, { description: 'The current key.' })
  readonly key: IssuedKey;

  constructor(key: IssuedKey) {
    this.key = key;
  }
}

export const RotateKeyResult = createUnionType({
  name: 'RotateKeyResult',
  description: 'What `rotateKey` answers: one type for success, the others say why not.',
  types: () => [KeyRotated, UnknownKey, NoSubscription, AccountSuspended] as const,
});

export const RevokeKeyResult = createUnionType({
  name: 'RevokeKeyResult',
  description: 'What `revokeKey` answers: one type for success, the others say why not.',
  types: () => [KeyRevoked, UnknownKey, KeyInUse] as const,
});

export const RevealKeyResult = createUnionType({
  name: 'RevealKeyResult',
  description: 'What `revealKey` answers: one type for success, the others say why not.',
  types: () => [KeyRevealed, NoSubscription, AccountSuspended] as const,
});

export const RotateKeyForResult = createUnionType({
  name: 'RotateKeyForResult',
  description: 'What `rotateKeyFor` answers: one type for success, the others say why not.',
  types: () => [UserChanged, UnknownUser, UnknownKey, NoSubscription] as const,
});

export const ImportKeyResult = createUnionType({
  name: 'ImportKeyResult',
  description: 'What `importKey` answers: one type for success, the others say why not.',
  types: () =>
    [
      UserChanged,
      UnknownUser,
      UnknownApiKey,
      ApiKeyTaken,
      ApiKeyDisabled,
      ApiKeyWithoutPlan,
      ApiKeyInOtherPlan,
    ] as const,
});
