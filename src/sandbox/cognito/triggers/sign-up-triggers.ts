import * as z from 'zod';
import type { Client, User } from '../pools.js';
import type { PostConfirmationSource, PreSignUpRequest, PreSignUpResponse, PreSignUpSource } from './events.js';
import { occasion, type Triggers, unrecognizable } from './triggers.js';

const UNTOUCHED: PreSignUpResponse = { autoConfirmUser: false, autoVerifyEmail: false, autoVerifyPhone: false };
const ANSWER = z.object({
  autoConfirmUser: z.boolean().default(false),
  autoVerifyEmail: z.boolean().default(false),
  autoVerifyPhone: z.boolean().default(false),
});

export type Sent = Omit<PreSignUpRequest, 'userAttributes'>;

/** Asks whether `user`, who is not in the pool yet, may be: a trigger that throws says no. */
export async function preSignUp(
  triggers: Triggers,
  triggerSource: PreSignUpSource,
  user: User,
  client: Client | null,
  sent: Sent,
): Promise<PreSignUpResponse> {
  if (!triggers.has('PreSignUp', user)) return UNTOUCHED;
  const { email_verified: _e, phone_number_verified: _p, ...userAttributes } = user.attributes;
  const request = { userAttributes, ...sent };
  const event = { version: '1', triggerSource, ...occasion(user, client), request, response: { ...UNTOUCHED } };
  const { data: answer } = ANSWER.safeParse(await triggers.run('PreSignUp', event));
  if (!answer) throw unrecognizable();
  if (answer.autoVerifyEmail && !user.attributes.email) throw unrecognizable();
  if (answer.autoVerifyPhone && !user.attributes.phone_number) throw unrecognizable();
  return answer;
}

/** Tells that `user` is confirmed. What was confirmed stays so when the trigger fails. */
export async function postConfirmation(
  triggers: Triggers,
  triggerSource: PostConfirmationSource,
  user: User,
  client: Client | null,
  clientMetadata?: PreSignUpRequest['clientMetadata'],
): Promise<void> {
  if (!triggers.has('PostConfirmation', user)) return;
  const request = { userAttributes: seenByTriggers(user), clientMetadata };
  await triggers.run('PostConfirmation', {
    version: '1',
    triggerSource,
    ...occasion(user, client),
    request,
    response: {},
  });
}

export function seenByTriggers({ sub, status, attributes }: User): Record<string, string> {
  return { sub, 'cognito:user_status': status, ...attributes };
}
