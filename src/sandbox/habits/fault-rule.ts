import * as gatewaySdk from '@aws-sdk/client-api-gateway';
import * as cognitoSdk from '@aws-sdk/client-cognito-identity-provider';
import * as z from 'zod';
import { accepted, count, flag, UnacceptableInput } from '../control-input.js';
import { operationsOf } from '../wire.js';

const KINDS = ['before', 'after', 'cut', 'half', 'hang', 'throttle', 'conflict'] as const;

export const KIND_EXPLANATIONS: Readonly<Record<(typeof KINDS)[number], string>> = {
  before: 'fails without effect',
  after: 'takes effect, then fails',
  cut: 'the connection ends without an answer',
  half: 'takes effect, half of the answer comes, then the connection ends',
  hang: 'no answer for a while',
  throttle: 'too many requests',
  conflict: 'a concurrent change; API Gateway only',
};

const GATEWAY_OPERATIONS = operationNames(gatewaySdk);
const COGNITO_OPERATIONS = operationNames(cognitoSdk);
const KMS_OPERATION = 'GenerateMac';

const SCHEMA = z.strictObject({
  /** An operation of either service, or `*` for all of both. */
  operation: z.string({ error: `must be "*" or an operation's name, such as CreateApiKey` }),
  kind: z.enum(KINDS, { error: `must be one of ${KINDS.join(', ')}` }),
  /** Only this matching call, counted from 1 since the rule was made. */
  nth: count(1).optional(),
  /** Each call whose number is a multiple. */
  every: count(1).optional(),
  probability: z
    .number({ error: 'must be a number from 0 to 1' })
    .min(0, { error: 'must be a number from 0 to 1' })
    .max(1, { error: 'must be a number from 0 to 1' })
    .optional(),
  /** Of the chances of `probability`: the same seed gives the same calls. */
  seed: count().optional(),
  /** At most so many faults; then the rule rests. */
  times: count(1).optional(),
  /** `cut`: whether the call takes effect. `hang`: whether it does so before the wait, else after it. Default true. */
  effect: flag().optional(),
  /** `hang`: how long there is no reply, on the real clock. Default 10,000. */
  milliseconds: count().optional(),
  /** `throttle`: how many matching calls are refused once it begins. Default 1. */
  calls: count(1).optional(),
});

/** Which call goes wrong, and how. Without `nth`, `every` and `probability` it is every matching call. */
export type FaultRule = Readonly<z.output<typeof SCHEMA>>;

const OPTIONS_OF: Readonly<Partial<Record<keyof FaultRule, readonly FaultRule['kind'][]>>> = {
  effect: ['cut', 'hang'],
  milliseconds: ['hang'],
  calls: ['throttle'],
};

/** A rule as a caller sent it, or a refusal that says what a rule is. */
export function faultRule(input: unknown): FaultRule {
  const rule = accepted(SCHEMA, input);
  const { operation, kind } = rule;
  if (operation !== '*' && !OPERATIONS.includes(operation))
    throw new UnacceptableInput(
      `operation must be "*" or an operation of API Gateway or Cognito, or GenerateMac of KMS, not ${operation}.`,
    );
  if (kind === 'conflict' && operation !== '*' && !GATEWAY_OPERATIONS.has(operation))
    throw new UnacceptableInput(`conflict is a failure of API Gateway only, and ${operation} is not.`);
  if ([rule.nth, rule.every, rule.probability].filter((given) => given !== undefined).length > 1)
    throw new UnacceptableInput('Give one of nth, every and probability, or none for every call.');
  if (rule.seed !== undefined && rule.probability === undefined)
    throw new UnacceptableInput('seed goes with probability.');
  for (const [option, kinds] of Object.entries(OPTIONS_OF)) {
    if (rule[option as keyof FaultRule] !== undefined && !kinds.includes(kind))
      throw new UnacceptableInput(`${option} goes with the kind ${kinds.join(' or ')}, not with ${kind}.`);
  }
  return rule;
}

/** All that can be named in a rule, besides `*`. */
export const OPERATIONS: readonly string[] = [
  ...new Set([...GATEWAY_OPERATIONS, ...COGNITO_OPERATIONS, KMS_OPERATION]),
].sort();

function operationNames(sdk: Readonly<Record<string, unknown>>): ReadonlySet<string> {
  return new Set(operationsOf(sdk).map(({ name }) => name));
}
