import { Injectable, type PipeTransform } from '@nestjs/common';
import { ArgsType, Field, ID } from '@nestjs/graphql';
import { BadUserInputError } from '../problem.js';

const MAX_CHARACTERS = 500;
const UNREADABLE = /[\p{Cc}\p{Cs}]/u;
/** They show nothing, and the audit trail keeps none of them. */
const UNSEEN = /\p{Cf}/gu;

@ArgsType()
export class ReasonArgs {
  @Field(() => String, { description: 'Why, for the audit trail: 1 to 500 characters.' })
  readonly reason!: string;
}

/** What every mutation that is about somebody else takes. */
@ArgsType()
export class UserArgs extends ReasonArgs {
  @Field(() => ID, { description: 'Whom it is about: `id` of the user, their `sub`.' })
  readonly userId!: string;
}

/** Nobody acts on others without saying why. @throws BadUserInputError for a reason that says nothing. */
@Injectable()
export class WithReason implements PipeTransform<ReasonArgs, ReasonArgs> {
  transform(args: ReasonArgs): ReasonArgs {
    const reason = args.reason.trim();
    if (reason.replace(UNSEEN, ' ').trim() === '' || reason.length > MAX_CHARACTERS || UNREADABLE.test(reason)) {
      throw new BadUserInputError(
        `reason must be 1 to ${MAX_CHARACTERS} printable characters: it stands in the audit trail.`,
      );
    }
    return args;
  }
}
