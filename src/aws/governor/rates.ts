/** How fast something may be asked; `burst` is how many calls may come at once after a silence. */
export interface Rate {
  readonly name: string;
  readonly perSecond: number;
  readonly burst: number;
}

/** The rest is for clocks that differ and for the others who use the account: consoles, pipelines, the next deployment. */
const SHARE_OF_AWS = 0.95;
const LONGEST_WAIT_SECONDS = 10;

// "Amazon API Gateway quotas and important notes", for creating, deploying and managing an API: per account and Region.
const GATEWAY: Rate = { name: 'api-gateway', perSecond: 10, burst: 40 };
const GATEWAY_OWN: Readonly<Record<string, Rate>> = {
  CreateApiKey: { name: 'create-api-key', perSecond: 5, burst: 5 },
  DeleteApiKey: { name: 'delete-api-key', perSecond: 5, burst: 5 },
  UpdateUsagePlan: { name: 'update-usage-plan', perSecond: 1 / 20, burst: 1 },
};

// "Quotas in Amazon Cognito", by category. It names no burst: a fifth of a second keeps any one second near the rate.
const USER_READ: Rate = { name: 'cognito-user-read', perSecond: 120, burst: 24 };
const USER_LIST: Rate = { name: 'cognito-user-list', perSecond: 30, burst: 6 };
const GROUP_READ: Rate = { name: 'cognito-group-read', perSecond: 50, burst: 10 };
const USER_UPDATE: Rate = { name: 'cognito-user-update', perSecond: 25, burst: 5 };
const POOL_READ: Rate = { name: 'cognito-pool-read', perSecond: 15, burst: 3 };
const CLIENT_READ: Rate = { name: 'cognito-client-read', perSecond: 15, burst: 3 };
const CLIENT_UPDATE: Rate = { name: 'cognito-client-update', perSecond: 15, burst: 3 };
const USER_CREATION: Rate = { name: 'cognito-user-creation', perSecond: 50, burst: 10 };
const USER_AUTHENTICATION: Rate = { name: 'cognito-user-authentication', perSecond: 120, burst: 24 };
const COGNITO: Readonly<Record<string, Rate>> = {
  AdminGetUser: USER_READ,
  ListUsers: USER_LIST,
  AdminListGroupsForUser: GROUP_READ,
  AdminUpdateUserAttributes: USER_UPDATE,
  AdminDeleteUserAttributes: USER_UPDATE,
  AdminDisableUser: USER_UPDATE,
  AdminEnableUser: USER_UPDATE,
  AdminDeleteUser: USER_UPDATE,
  AdminUserGlobalSignOut: USER_UPDATE,
  DescribeUserPool: POOL_READ,
  DescribeUserPoolClient: CLIENT_READ,
  ListUserPoolClients: CLIENT_READ,
  CreateUserPoolClient: CLIENT_UPDATE,
  DeleteUserPoolClient: CLIENT_UPDATE,
  AdminCreateUser: USER_CREATION,
  AdminSetUserPassword: USER_UPDATE,
  AdminInitiateAuth: USER_AUTHENTICATION,
};

// "Request quotas" of AWS KMS give HMAC operations 2,000 a second or more; one a process is all that is asked.
const KMS: Readonly<Record<string, Rate>> = { GenerateMac: { name: 'kms-hmac', perSecond: 100, burst: 20 } };

/** Attaching and detaching answer 409 while another one is in progress anywhere in the account. */
const ONE_AT_A_TIME: ReadonlySet<string> = new Set(['CreateUsagePlanKey', 'DeleteUsagePlanKey']);

/** All rates that an operation counts towards, the narrowest first. What is neither Cognito's nor KMS's is API Gateway's. */
export function ratesOf(operation: string): readonly Rate[] {
  const other = COGNITO[operation] ?? KMS[operation];
  if (other) return [other];
  const own = GATEWAY_OWN[operation];
  return own ? [own, GATEWAY] : [GATEWAY];
}

/** So slow that one call uses it up for longer than a person waits: of those, nobody is to be kept waiting for others. */
export function isSlow({ perSecond }: Rate, factor: number): boolean {
  return perSecond * factor < 1 / LONGEST_WAIT_SECONDS;
}

/** What fails as a whole; a service's failures say nothing of the others. */
export const SERVICES = ['cognito', 'api-gateway', 'kms'] as const;

export function serviceOf(operation: string): (typeof SERVICES)[number] {
  if (KMS[operation]) return 'kms';
  return COGNITO[operation] ? 'cognito' : 'api-gateway';
}

export function isSerial(operation: string): boolean {
  return ONE_AT_A_TIME.has(operation);
}

/** What we take of a rate: a little less than AWS gives, times `factor`; one of several processes takes its share. */
export function taken({ name, perSecond, burst }: Rate, factor: number, processCount = 1): Rate {
  const part = SHARE_OF_AWS / processCount;
  return { name, perSecond: perSecond * factor * part, burst: Math.max(1, Math.floor(burst * part)) };
}

/** How long it is from one call to the next where many follow each other. */
export function secondsBetween(operation: string, factor: number, processCount = 1): number {
  return Math.max(...ratesOf(operation).map((rate) => 1 / taken(rate, factor, processCount).perSecond));
}
