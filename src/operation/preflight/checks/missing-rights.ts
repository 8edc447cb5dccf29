import type { Answer, Facts } from '../facts.js';
import { answered, type Expected } from '../facts.js';
import type { Finding } from '../finding.js';

interface Missing {
  readonly action: string;
  readonly resource: string;
}

/** What the reads of the pre-flight itself need. */
const READS: Readonly<Record<string, (expected: Expected) => Missing>> = {
  DescribeUserPool: ofPool('cognito-idp:DescribeUserPool'),
  ListUserPoolClients: ofPool('cognito-idp:ListUserPoolClients'),
  DescribeUserPoolClient: ofPool('cognito-idp:DescribeUserPoolClient'),
  ListUsers: ofPool('cognito-idp:ListUsers'),
  GetUsagePlans: () => ({ action: 'apigateway:GET', resource: '/usageplans' }),
  GetUsagePlan: () => ({ action: 'apigateway:GET', resource: '/usageplans/*' }),
  GetApiKeys: () => ({ action: 'apigateway:GET', resource: '/apikeys' }),
  GenerateMac: () => ({ action: 'kms:GenerateMac', resource: 'the key that KEY_KMS_KEY_ID names' }),
  GetStage: () => ({ action: 'apigateway:GET', resource: '/restapis/*/stages/*' }),
};

/** IAM must allow what Turnpike needs. Rights to write are not tried: nothing harmless would show them. */
export function missingRights(facts: Facts, expected: Expected): Finding[] {
  const answers: readonly Answer<unknown>[] = Object.values(facts);
  const denied = answers.flatMap((answer) => (answer.kind === 'denied' ? [needOf(answer.operation, expected)] : []));
  const all = [...denied, ...(answered(facts.missingRights) ?? [])];
  const byName = new Map(all.map((right) => [`${right.action} ${right.resource}`, right]));
  return [...byName.values()].map((right) => ({
    name: isNeededToWork(right) ? 'missing-rights' : 'not-looked-at',
    what: `The policy does not allow ${right.action} on ${right.resource}.`,
    why: isNeededToWork(right)
      ? 'Turnpike works with it, or cannot tell without it whether the user pool is safe.'
      : 'So nobody looked whether the stages that plans name exist.',
    mend: 'Give the role of this process the policy in infra/iam-policy.json, with your Region, account and pool:\naws iam put-role-policy --role-name <role> --policy-name turnpike --policy-document file://infra/iam-policy.json',
  }));
}

function ofPool(action: string): (expected: Expected) => Missing {
  return ({ userPoolId }) => ({ action, resource: `userpool/${userPoolId}` });
}

function needOf(operation: string, expected: Expected): Missing {
  return READS[operation]?.(expected) ?? { action: operation, resource: 'what it asks for' };
}

function isNeededToWork({ resource }: Missing): boolean {
  return !resource.startsWith('/restapis/');
}
