import type { PoolAttribute, UserPool } from '../../../aws/inspection/account-inspection.js';
import type { Expected, Facts } from '../facts.js';
import type { Finding } from '../finding.js';

const LEAST_CHARACTERS = 2048;

/** The pool must be there, with every attribute that Turnpike writes, and room in it; and it should ignore case. */
export function userPool({ pool: answer }: Facts, expected: Expected): Finding[] {
  if (answer.kind !== 'known') return [];
  const { value: pool } = answer;
  if (pool === null) return [noPool(expected)];
  return [...poolAttributes(pool, expected), ...(pool.ignoresCase ? [] : [tellsCasesApart(expected)])];
}

function poolAttributes({ attributes }: UserPool, expected: Expected): Finding[] {
  const byName = new Map(attributes.map((attribute) => [attribute.name, attribute]));
  const missing = expected.attributeNames.filter((name) => !byName.has(name));
  const unfit = expected.attributeNames.flatMap((name) => unfitness(byName.get(name)));
  return [
    ...(missing.length > 0 ? [lacking(missing, expected)] : []),
    ...unfit.map((what) => ({ name: 'pool-attributes' as const, what, why, mend: newPool })),
  ];
}

const why = 'What a customer is meant to have is recorded in these attributes, and without that no change can be made.';
const newPool =
  'Cognito can change neither type, length nor mutability of an attribute. Make a new pool as docs/operators.md, ' +
  'section 1, says, end the keys of this one as it says there, and move the users.';

function noPool({ userPoolId, region }: Expected): Finding {
  return {
    name: 'unknown-pool',
    what: `There is no user pool ${userPoolId} in this account and Region.`,
    why: 'Nobody can sign in, and nothing can be recorded.',
    mend: `Set COGNITO_USER_POOL_ID and AWS_REGION to one that this lists:\naws cognito-idp list-user-pools --region ${region} --max-results 60`,
  };
}

function tellsCasesApart({ userPoolId }: Expected): Finding {
  return {
    name: 'username-case',
    what: `The pool ${userPoolId} takes eve@example.com and Eve@example.com for two users: it was not made with CaseSensitive=false.`,
    why: 'Whoever has one mailbox can sign up once for each spelling, and has the plan and the quota of a newcomer each time.',
    mend:
      'Cognito cannot change it. Have a PreSignUp trigger refuse addresses with capital letters, and then say so by ' +
      'ALLOW_UNSAFE=username-case; or make a new pool with --username-configuration CaseSensitive=false, end the keys of ' +
      'this one and move the users: docs/operators.md, section 1.',
  };
}

function lacking(missing: readonly string[], { userPoolId, region }: Expected): Finding {
  const schema = missing.map((name) => {
    const short = name.replace(/^custom:/, '');
    return `Name=${short},AttributeDataType=String,Mutable=true,StringAttributeConstraints={MaxLength=${LEAST_CHARACTERS}}`;
  });
  return {
    name: 'pool-attributes',
    what: `The pool ${userPoolId} lacks ${missing.join(', ')}.`,
    why,
    mend: `aws cognito-idp add-custom-attributes --region ${region} --user-pool-id ${userPoolId} --custom-attributes ${schema.join(' ')}`,
  };
}

function unfitness(attribute: PoolAttribute | undefined): string[] {
  if (!attribute) return [];
  const { name, type, mutable, mostCharacters } = attribute;
  return [
    ...(type === 'String' ? [] : [`${name} holds a ${type}, and must hold a String.`]),
    ...(mutable ? [] : [`${name} is immutable, so it can be written once and never changed.`]),
    ...(mostCharacters === null || mostCharacters >= LEAST_CHARACTERS
      ? []
      : [`${name} holds at most ${mostCharacters} characters, and must hold ${LEAST_CHARACTERS}.`]),
  ];
}
