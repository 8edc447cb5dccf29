import { readFileSync } from 'node:fs';
import type { Stack } from './stack.js';

export interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
}

export interface Policy {
  readonly Version: string;
  readonly Statement: readonly Statement[];
}

/** Policies of a stack, by the role that has them: those it carries, those attached to it, those written for it. */
export function policiesOf(stack: Stack, roleId: string): Policy[] {
  const { ref, properties } = stack.resource(roleId);
  const own = ((properties.Policies ?? []) as readonly { readonly PolicyDocument: Policy }[]).map(
    (one) => one.PolicyDocument,
  );
  const attached = ((properties.ManagedPolicyArns ?? []) as readonly string[]).map((id) => documentOf(stack, id));
  const written = idsOf(stack, 'AWS::IAM::RolePolicy').filter((id) => stack.resource(id).properties.RoleName === ref);
  return [...own, ...attached, ...written.map((id) => documentOf(stack, id))];
}

export function idsOf(stack: Stack, type: string): string[] {
  return [...stack.made.keys()].filter((id) => stack.template.Resources[id]?.Type === type);
}

function documentOf(stack: Stack, id: string): Policy {
  return stack.resource(id).properties.PolicyDocument as Policy;
}

/** Each right that policies give, as `apigateway:GET /apikeys` or `cognito-idp:ListUsers`, without Region, account and pool. */
export function rightsIn(policies: readonly Policy[]): string[] {
  const rights = policies.flatMap(({ Statement }) =>
    Statement.flatMap(({ Effect, Action, Resource }) => {
      if (Effect !== 'Allow') throw new Error(`A statement says ${Effect}`);
      return [Action]
        .flat()
        .flatMap((action) => [Resource].flat().map((resource) => `${action} ${placeOf(resource)}`.trim()));
    }),
  );
  return [...new Set(rights)].sort();
}

/** A policy of `infra/`, its words for Region, account and pool left as they are. */
export function policyIn(file: string): Policy {
  return JSON.parse(readFileSync(file, 'utf8')) as Policy;
}

function placeOf(resource: string): string {
  return resource
    .replace(/^arn:aws:apigateway:(us-east-1|REGION)::/, '')
    .replace(/^arn:aws:cognito-idp:(us-east-1:000000000000|REGION:ACCOUNT):userpool\/(POOL_ID|us-east-1_\w+)$/, '');
}
