import { Injectable, type PipeTransform } from '@nestjs/common';
import { ArgsType, Field } from '@nestjs/graphql';
import { BadUserInputError } from '../problem.js';

const MOST_CHARACTERS = 500;
const CONTROL = /\p{Cc}/u;

/** What every mutation of an admin is asked besides: why. */
@ArgsType()
export class ReasonArgs {
  @Field(() => String, { description: 'Why, for those who read the audit log later. 1 to 500 characters.' })
  readonly reason!: string;
}

/** Lets arguments pass whose reason says something, without the blanks around it. */
@Injectable()
export class WithReason implements PipeTransform<ReasonArgs, ReasonArgs> {
  transform<T extends ReasonArgs>(args: T): T {
    return { ...args, reason: checkedReason(args.reason) };
  }
}

/** @throws BadUserInputError when it is blank, too long, or not one line of text. */
export function checkedReason(given: string): string {
  const reason = given.trim();
  if (reason.length === 0) throw new BadUserInputError('`reason` must not be blank: say why.');
  if (reason.length > MOST_CHARACTERS)
    throw new BadUserInputError(`\`reason\` has at most ${MOST_CHARACTERS} characters.`);
  if (CONTROL.test(reason)) throw new BadUserInputError('`reason` must be one line, without control characters.');
  return reason;
}
