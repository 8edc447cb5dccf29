import { appendFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import type { APIGateway } from '@aws-sdk/client-api-gateway';
import type { CognitoIdentityProvider } from '@aws-sdk/client-cognito-identity-provider';

/** In the order in which things can be deleted. */
const KINDS = ['usage plan', 'API key', 'REST API', 'user pool'] as const;

interface Belonging {
  readonly kind: (typeof KINDS)[number];
  readonly id: string;
}

/** What a name begins with, so that whoever finds one in their account knows whose it is. */
export const MARK = 'turnpike-conformance-';
const NAMED: Readonly<Record<string, string>> = {
  CreateUsagePlan: 'name',
  CreateRestApi: 'name',
  CreateUserPool: 'PoolName',
};

/** What a run has made in a real account: written down before it is used, and deleted by this run or by the next. */
export class Belongings {
  constructor(
    private readonly gateway: APIGateway,
    private readonly cognito: CognitoIdentityProvider,
    private readonly journal: string,
  ) {}

  /** The names of plans, APIs and pools say where they come from; those of keys are what rows are about. */
  marked<T extends { readonly input: object }>(operation: string, args: T): T {
    const member = NAMED[operation];
    if (member === undefined) return args;
    const name: unknown = Reflect.get(args.input, member);
    return { ...args, input: { ...args.input, ...(typeof name === 'string' && { [member]: `${MARK}${name}` }) } };
  }

  keep(operation: string, output: unknown): void {
    for (const belonging of madeBy(operation, output)) appendFileSync(this.journal, `${JSON.stringify(belonging)}\n`);
  }

  /** Deletes everything that was written down; what is gone already is no matter. */
  async clear(): Promise<void> {
    if (!existsSync(this.journal)) return;
    const lines = readFileSync(this.journal, 'utf8').trim().split('\n');
    const all = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Belonging);
    const left: Belonging[] = [];
    for (const kind of KINDS)
      for (const belonging of all.filter((one) => one.kind === kind))
        if (!(await this.gone(belonging))) left.push(belonging);
    rmSync(this.journal);
    for (const belonging of left) appendFileSync(this.journal, `${JSON.stringify(belonging)}\n`);
    if (left.length > 0)
      process.stdout.write(`Left in the account: ${left.map(({ kind, id }) => `${kind} ${id}`).join(', ')}\n`);
  }

  private async gone({ kind, id }: Belonging): Promise<boolean> {
    try {
      if (kind === 'usage plan') await this.deletePlan(id);
      if (kind === 'API key') await this.gateway.deleteApiKey({ apiKey: id });
      if (kind === 'REST API') await this.gateway.deleteRestApi({ restApiId: id });
      if (kind === 'user pool') await this.deletePool(id);
      return true;
    } catch (error) {
      return error instanceof Error && /^(NotFound|ResourceNotFound)Exception$/.test(error.name);
    }
  }

  /** A plan with stages cannot be deleted. */
  private async deletePlan(usagePlanId: string): Promise<void> {
    const { apiStages = [] } = await this.gateway.getUsagePlan({ usagePlanId });
    const patchOperations = apiStages.map(({ apiId, stage }) => ({
      op: 'remove' as const,
      path: '/apiStages',
      value: `${apiId}:${stage}`,
    }));
    if (patchOperations.length > 0) await this.gateway.updateUsagePlan({ usagePlanId, patchOperations });
    await this.gateway.deleteUsagePlan({ usagePlanId });
  }

  private async deletePool(UserPoolId: string): Promise<void> {
    const { UserPool } = await this.cognito.describeUserPool({ UserPoolId });
    if (UserPool?.DeletionProtection === 'ACTIVE')
      await this.cognito.updateUserPool({ UserPoolId, DeletionProtection: 'INACTIVE' });
    await this.cognito.deleteUserPool({ UserPoolId });
  }
}

function madeBy(operation: string, output: unknown): Belonging[] {
  const { id, ids, UserPool }: { id?: string; ids?: string[]; UserPool?: { Id?: string } } = Object(output);
  const made = (kind: Belonging['kind'], one: string | undefined) => (one === undefined ? [] : [{ kind, id: one }]);
  if (operation === 'CreateUsagePlan') return made('usage plan', id);
  if (operation === 'CreateApiKey') return made('API key', id);
  if (operation === 'ImportApiKeys') return (ids ?? []).flatMap((one) => made('API key', one));
  if (operation === 'CreateRestApi') return made('REST API', id);
  if (operation === 'CreateUserPool') return made('user pool', UserPool?.Id);
  return [];
}
