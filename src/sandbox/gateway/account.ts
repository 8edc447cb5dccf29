import type { UpdateAccountCommandInput } from '@aws-sdk/client-api-gateway';
import type { Table } from '../store.js';
import { badRequest, invalidPatch } from './replies.js';

export interface AccountRecord {
  readonly cloudwatchRoleArn?: string | undefined;
  readonly features: readonly string[];
}

const FRESH: AccountRecord = { features: ['UsagePlans'] };
const REGION_THROTTLE = { burstLimit: 5000, rateLimit: 10_000 };

/** The account's own settings: its role for logs, and whether usage plans are in use. */
export class Account {
  readonly operations = {
    GetAccount: () => this.shown(),
    UpdateAccount: (input: UpdateAccountCommandInput) => this.update(input),
  };

  constructor(private readonly rows: Table<AccountRecord>) {}

  private update({ patchOperations = [] }: UpdateAccountCommandInput) {
    this.rows.put('account', patchOperations.reduce(patched, this.record()));
    return this.shown();
  }

  private shown() {
    return { ...this.record(), throttleSettings: REGION_THROTTLE, apiKeyVersion: '4' };
  }

  private record(): AccountRecord {
    return this.rows.get('account') ?? FRESH;
  }
}

type Patch = NonNullable<UpdateAccountCommandInput['patchOperations']>[number];

function patched(account: AccountRecord, { op = 'replace', path = '', value }: Patch): AccountRecord {
  if (path === '/cloudwatchRoleArn' && op === 'replace') return { ...account, cloudwatchRoleArn: checkedRole(value) };
  if (path !== '/features' || !['add', 'remove'].includes(op))
    throw invalidPatch(op, path, op === 'replace' ? ['/cloudwatchRoleArn'] : ['/features']);
  if (value !== 'UsagePlans') throw badRequest('Invalid feature specified');
  return { ...account, features: op === 'add' ? ['UsagePlans'] : [] };
}

/** An empty value takes the role away. */
function checkedRole(arn: string | undefined): string | undefined {
  if (!arn) return undefined;
  if (!/^arn:aws[\w-]*:iam::\d{12}:role\/.+$/.test(arn))
    throw badRequest(
      'The role ARN does not have required permissions configured. Please grant trust permission for API Gateway and add the required role policy.',
    );
  return arn;
}
