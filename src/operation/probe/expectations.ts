import { asWords, type GatewayAnswer, isLetIn } from './gateway-answer.js';

/** What one question to the API came to. `mend` null = it is as it should be. */
export interface ProbeRow {
  readonly what: string;
  readonly expected: string;
  readonly seen: string;
  readonly mend: string | null;
}

/** What the probe was told, for the words of a mend. */
export interface ProbeSetting {
  readonly plan: string;
  readonly header: string;
  readonly token: 'id' | 'access';
  /** `token`: the API has its keys from the authorizer (`apiKeySource: AUTHORIZER`), and callers send none. */
  readonly callWith: 'key' | 'token';
  readonly userPoolId: string;
  readonly patienceSeconds: number;
}

const DEPLOY = 'Deploy the API afterwards: changes of methods count from then on.';
const BROKEN = 'The gateway let the request through, and what is behind it did not answer as it should: look there.';
const NO_SUCH_METHOD = `There is no GET there. Give the URL with its stage, of a path that answers GET. ${DEPLOY}`;

export function withoutBoth(answer: GatewayAnswer, { userPoolId }: ProbeSetting): ProbeRow {
  const mend = isLetIn(answer)
    ? `The method is open to everybody. Set its authorizer, for the pool ${userPoolId}, and "API key required". ${DEPLOY}`
    : `The method asks for no token. Set an authorizer for the pool ${userPoolId}. ${DEPLOY}`;
  return row('no token, no key', '401', answer, answer.status === 401, mend);
}

function tokenRefused({ token, header, userPoolId }: ProbeSetting): string {
  return `The authorizer does not take ${token === 'id' ? 'an ID' : 'an access'} token of the pool ${userPoolId} in the header ${header}. A Cognito authorizer takes ID tokens on methods without scopes, access tokens on those with: try --token ${token === 'id' ? 'access' : 'id'}. It must name this pool, and this header (--header). One that looks at the client needs --client.`;
}

export function withTokenAlone(answer: GatewayAnswer, setting: ProbeSetting): ProbeRow {
  const open = `The method asks for no key, so no plan counts. Set "API key required" (apiKeyRequired). ${DEPLOY} If the API has its keys from the authorizer (apiKeySource: AUTHORIZER), try --call-with token.`;
  const isForbidden = answer.status === 403 && answer.refusal === 'ForbiddenException';
  return row('a token, no key', '403', answer, isForbidden, answer.status === 401 ? tokenRefused(setting) : open);
}

export function withTokenThatIsEnough(answer: GatewayAnswer, setting: ProbeSetting): ProbeRow {
  const { plan, patienceSeconds } = setting;
  const unnamed = `The token is taken, and no key on the plan ${plan} goes with it on this stage after ${patienceSeconds} seconds. The API must have its keys from the authorizer (apiKeySource: AUTHORIZER), the authorizer must name the customer's (usageIdentifierKey), and the plan must be for this stage. ${DEPLOY} If callers are to send a key as well, leave --call-with out.`;
  const refused = `${tokenRefused(setting)} Turnpike's own authorizer takes access tokens of the clients in COGNITO_CLIENT_ID alone: give --token access, and --client with one of those that allows ADMIN_USER_PASSWORD_AUTH.`;
  const mends: Readonly<Record<number, string>> = { 401: refused, 403: unnamed };
  return row('a token alone', 'let in', answer, isLetIn(answer), mends[answer.status] ?? BROKEN);
}

export function withKeyAlone(answer: GatewayAnswer, { userPoolId }: ProbeSetting): ProbeRow {
  const mend = `A key alone lets in, and a key is no authentication. Set an authorizer for the pool ${userPoolId}. ${DEPLOY}`;
  return row('a key, no token', '401', answer, answer.status === 401, mend);
}

export function withBoth(answer: GatewayAnswer, { plan, patienceSeconds }: ProbeSetting): ProbeRow {
  const unknown = `The key is on the plan ${plan}, and this stage does not know it after ${patienceSeconds} seconds. Add this API and stage to the plan (npm run plans, or createPlan's stages), or have more patience (--patience).`;
  return row('both', 'let in', answer, isLetIn(answer), answer.refusal === 'ForbiddenException' ? unknown : BROKEN);
}

export function withReplacedKey(answer: GatewayAnswer, { callWith, patienceSeconds }: ProbeSetting): ProbeRow {
  const key = `A key that was switched off still works after ${patienceSeconds} seconds. AWS speaks of minutes: have more patience (--patience), then ask AWS.`;
  const token = `A token that names a key that was switched off still lets in after ${patienceSeconds} seconds. See that the method has "API key required", and the API apiKeySource: AUTHORIZER. ${DEPLOY} Else have more patience (--patience).`;
  const what = callWith === 'token' ? 'the token from before the key was replaced' : 'the key that was replaced';
  return row(what, '403', answer, answer.status === 403, callWith === 'token' ? token : key);
}

export function withNewKey(answer: GatewayAnswer, setting: ProbeSetting): ProbeRow {
  if (setting.callWith === 'key') return { ...withBoth(answer, setting), what: 'the key that took its place' };
  return { ...withTokenThatIsEnough(answer, setting), what: 'a new token, after the key was replaced' };
}

export function withNothingLeft(answer: GatewayAnswer, { callWith, patienceSeconds }: ProbeSetting): ProbeRow {
  const mend = `The quota of the key was set to 0, and calls still pass after ${patienceSeconds} seconds. Have more patience (--patience); see that no stage of the plan lacks "API key required".`;
  const isOver = answer.status === 429;
  return row(`a ${callWith} with no calls left`, '429', answer, isOver, mend);
}

function row(what: string, expected: string, answer: GatewayAnswer, isGood: boolean, mend: string): ProbeRow {
  const isNowhere = answer.refusal === 'MissingAuthenticationTokenException' || answer.status === 404;
  const seen = asWords(answer);
  return { what, expected, seen, mend: isGood ? null : isNowhere ? NO_SUCH_METHOD : mend };
}

/** A table for people, and under it what is to be done. */
export function asTable(rows: readonly ProbeRow[]): string {
  const cells = rows.map(({ what, expected, seen, mend }) => [mend === null ? '✓' : '✗', what, expected, seen]);
  const all = [['', 'sent', 'expected', 'answered'], ...cells];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((line) => line[column]?.length ?? 0)));
  const lines = all.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const mends = rows.flatMap(({ what, mend }) => (mend === null ? [] : [`✗ ${what}\n    ${mend}`]));
  return [lines.join('\n'), ...mends].join('\n\n');
}
