import { Injectable, type PipeTransform } from '@nestjs/common';
import { ArgsType, Field, ID } from '@nestjs/graphql';
import { BadUserInputError } from '../problem.js';

const MAX_CHARACTERS = 500;
const UNREADABLE = /[\p{Cc}\p{Cs}]/u;
/** One that shows something: not a space of any width, a filler, or braille without dots. */
const SEEN = /[^\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/u;

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
    if (!SEEN.test(reason) || reason.length > MAX_CHARACTERS || UNREADABLE.test(reason)) {
      throw new BadUserInputError(
        `reason must be 1 to ${MAX_CHARACTERS} printable characters: it stands in the audit trail.`,
      );
    }
    return args;
  }
}
