import * as z from 'zod';

const text = z.union([z.string().transform((one) => [one]), z.array(z.string())]);

/** The IAM policy a Lambda authorizer answers with, as far as it can be about invoking an API. */
export const policySchema = z.object({
  Version: z.string().optional(),
  Statement: z.union([z.array(statement()), statement().transform((one) => [one])]),
});

function statement() {
  return z.object({
    Effect: z.enum(['Allow', 'Deny']),
    Action: text.optional(),
    NotAction: text.optional(),
    Resource: text.optional(),
    NotResource: text.optional(),
    Condition: z.undefined({ error: 'conditions are not modelled' }).optional(),
  });
}

export type Policy = z.output<typeof policySchema>;
type Statement = Policy['Statement'][number];

export type Decision = 'allowed' | 'denied explicitly' | 'not allowed';

/** What a policy says of calling one method: a denial outweighs every permission. */
export function decide({ Statement: statements }: Policy, methodArn: string): Decision {
  const about = statements.filter((one) => concerns(one, methodArn));
  if (about.some(({ Effect }) => Effect === 'Deny')) return 'denied explicitly';
  return about.length > 0 ? 'allowed' : 'not allowed';
}

function concerns({ Action, NotAction, Resource, NotResource }: Statement, methodArn: string): boolean {
  const action = 'execute-api:invoke';
  const isAction = Action
    ? someMatches(Action, action, 'i')
    : NotAction !== undefined && !someMatches(NotAction, action, 'i');
  const isResource = Resource
    ? someMatches(Resource, methodArn)
    : NotResource !== undefined && !someMatches(NotResource, methodArn);
  return isAction && isResource;
}

/** `*` stands for any text and `?` for any character, also over slashes. */
function someMatches(patterns: readonly string[], value: string, flags = ''): boolean {
  return patterns.some((pattern) => {
    const escaped = pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.');
    return new RegExp(`^${escaped}$`, `s${flags}`).test(value);
  });
}
