import * as z from 'zod';

/** Why a call may be made or not; AWS tells the two refusals apart. */
export type Judgement = 'allowed' | 'not allowed' | 'denied';

const texts = z.union([z.string(), z.array(z.string()).min(1)]).transform((given) => [given].flat());

/** Strict: a member that is not read here would be a right that is judged wrongly. */
const statement = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Action: texts,
  Resource: texts,
});

const document = z.strictObject({
  Version: z.literal('2012-10-17'),
  Id: z.string().optional(),
  Statement: z.union([statement, z.array(statement)]).transform((given) => [given].flat()),
});

interface Rule {
  readonly isDeny: boolean;
  readonly actions: readonly RegExp[];
  readonly resources: readonly RegExp[];
}

/**
 * An identity-based policy: Allow and Deny, actions and resources with `*` and `?`. What IAM knows besides (Condition,
 * NotAction, variables …) is refused when it is read, never passed over.
 */
export class PolicyDocument {
  private readonly rules: readonly Rule[];

  constructor(given: unknown) {
    const read = document.safeParse(given);
    if (!read.success) throw new Error(`The sandbox cannot enforce this policy: ${z.prettifyError(read.error)}`);
    this.rules = read.data.Statement.map(({ Effect, Action, Resource }) => ({
      isDeny: Effect === 'Deny',
      actions: Action.map((action) => pattern(action, 'i')),
      resources: Resource.map(resourcePattern),
    }));
  }

  judge(action: string, resource: string): Judgement {
    const about = this.rules.filter(
      ({ actions, resources }) =>
        actions.some((one) => one.test(action)) && resources.some((one) => one.test(resource)),
    );
    if (about.some(({ isDeny }) => isDeny)) return 'denied';
    return about.length > 0 ? 'allowed' : 'not allowed';
  }
}

/** A star in one part of an ARN does not reach into the next part; in the last one it stands for slashes and colons too. */
function resourcePattern(resource: string): RegExp {
  if (resource === '*') return /^/;
  const [arn, partition, service, region, account, ...rest] = resource.split(':');
  if (arn !== 'arn' || rest.length === 0 || resource.includes('${'))
    throw new Error(`The sandbox cannot enforce this policy: ${resource} is no ARN, or has a variable.`);
  const head = [arn, partition, service, region, account].map((part = '') => escaped(part, '[^:]'));
  return new RegExp(`^${[...head, escaped(rest.join(':'), '.')].join(':')}$`);
}

function pattern(text: string, flags: string): RegExp {
  return new RegExp(`^${escaped(text, '.')}$`, flags);
}

function escaped(text: string, any: string): string {
  return text
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', `${any}*`)
    .replaceAll('?', any);
}
