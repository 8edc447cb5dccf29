import { Args, ArgsType, Field, ID, Int, Mutation, Resolver } from '@nestjs/graphql';
import type { Caller } from '../auth/caller.js';
import { CurrentUser } from '../auth/current-user.decorator.js';
import { RevealKeyResult, RevokeKeyResult, RotateKeyResult } from './keys.results.js';
import { KeysService } from './keys.service.js';

@ArgsType()
class RotateKeyArgs {
  @Field(() => ID, { description: 'The key that must go.' })
  readonly keyId!: string;

  @Field(() => Int, { defaultValue: 0, description: 'How long the old key keeps working: 0 to 2,592,000 (30 days).' })
  readonly graceSeconds!: number;
}

@Resolver()
export class KeysResolver {
  constructor(private readonly keys: KeysService) {}

  @Mutation(() => RotateKeyResult, {
    description:
      'Replace my key: the one named must go. The old one keeps working for graceSeconds, and what is left of the quota ' +
      'is shared between the two. A rotation ends an older overlap at once.',
  })
  rotateKey(@CurrentUser() caller: Caller, @Args() { keyId, graceSeconds }: RotateKeyArgs) {
    return this.keys.rotate(caller, keyId, graceSeconds);
  }

  @Mutation(() => RevokeKeyResult, { description: 'End the overlap now: switch the replaced key off.' })
  revokeKey(
    @CurrentUser() caller: Caller,
    @Args('keyId', { type: () => ID, description: 'The replaced key: `overlappingKey`.' }) keyId: string,
  ) {
    return this.keys.revoke(caller, keyId);
  }

  @Mutation(() => RevealKeyResult, { description: 'Show me the value of my key. Each time is recorded.' })
  revealKey(@CurrentUser() caller: Caller) {
    return this.keys.reveal(caller);
  }
}
