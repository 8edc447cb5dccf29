import { tooManyRequests } from './refusals.js';
import type { ServiceCall } from './service-habits.js';
import type { HabitSettings } from './settings.js';

interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

const ALL_OF_GATEWAY: Rate = { perSecond: 10, burst: 40 };

/** Operations of API Gateway with a rate of their own; they count towards that of all operations too. */
const GATEWAY: Readonly<Record<string, Rate>> = {
  CreateApiKey: { perSecond: 5, burst: 5 },
  DeleteApiKey: { perSecond: 5, burst: 5 },
  UpdateUsagePlan: { perSecond: 1 / 20, burst: 1 },
  CreateDeployment: { perSecond: 1 / 5, burst: 1 },
  UpdateAccount: { perSecond: 1 / 20, burst: 1 },
  PutRestApi: { perSecond: 1, burst: 1 },
  GetResources: { perSecond: 2.5, burst: 5 },
};

/** Categories of Cognito: calls a second, and the operations that share them. Others have no rate here. */
const COGNITO: readonly (readonly [perSecond: number, operations: string])[] = [
  [120, 'InitiateAuth AdminInitiateAuth RespondToAuthChallenge AdminRespondToAuthChallenge'],
  [50, 'SignUp ConfirmSignUp AdminCreateUser AdminConfirmSignUp'],
  [30, 'ForgotPassword ConfirmForgotPassword ChangePassword AdminResetUserPassword AdminSetUserPassword'],
  [120, 'AdminGetUser GetUser'],
  [
    25,
    'AdminUpdateUserAttributes AdminDeleteUserAttributes AdminDisableUser AdminEnableUser AdminDeleteUser ' +
      'AdminUserGlobalSignOut AdminAddUserToGroup AdminRemoveUserFromGroup UpdateUserAttributes DeleteUserAttributes ' +
      'VerifyUserAttribute DeleteUser GlobalSignOut',
  ],
  [120, 'RevokeToken GetTokensFromRefreshToken'],
  [50, 'AdminListGroupsForUser'],
  [30, 'ListUsers ListUsersInGroup'],
  [15, 'DescribeUserPool ListUserPools'],
  [15, 'CreateUserPool UpdateUserPool DeleteUserPool AddCustomAttributes'],
  [20, 'GetGroup ListGroups'],
  [15, 'CreateGroup UpdateGroup DeleteGroup'],
  [15, 'DescribeUserPoolClient ListUserPoolClients'],
  [15, 'CreateUserPoolClient UpdateUserPoolClient DeleteUserPoolClient'],
];

const COGNITO_CATEGORIES = new Map(
  COGNITO.flatMap(([perSecond, names]) => {
    const category = { name: names, perSecond, burst: perSecond };
    return names.split(' ').map((operation) => [operation, category] as const);
  }),
);

/** The rates of an AWS account, as token buckets on the machine's own clock, unless told otherwise. A refused call takes no token. */
export class Rates {
  private readonly buckets = new Map<string, { tokens: number; at: number }>();

  constructor(private readonly milliseconds: () => number = () => performance.now()) {}

  admit({ service, operation }: ServiceCall, { rateFactor, retryAfter }: HabitSettings): void {
    const now = this.milliseconds();
    const rates = service === 'gateway' ? gatewayRates(operation) : cognitoRates(operation);
    const buckets = rates.map((rate) => this.filled(rate, rate.perSecond * rateFactor, now));
    const waits = buckets.map(({ tokens }, at) => (1 - tokens) / ((rates[at]?.perSecond ?? 1) * rateFactor));
    const waitSeconds = Math.ceil(Math.max(0, ...waits));
    if (waitSeconds > 0) throw tooManyRequests(service, retryAfter ? { 'retry-after': String(waitSeconds) } : {});
    for (const bucket of buckets) bucket.tokens -= 1;
  }

  private filled({ name, burst }: Rate & { name: string }, perSecond: number, now: number) {
    const bucket = this.buckets.get(name) ?? { tokens: burst, at: now };
    this.buckets.set(name, bucket);
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1000) * perSecond);
    bucket.at = now;
    return bucket;
  }
}

function gatewayRates(operation: string) {
  const own = GATEWAY[operation];
  const all = { name: 'API Gateway', ...ALL_OF_GATEWAY };
  return own ? [all, { name: operation, ...own }] : [all];
}

function cognitoRates(operation: string) {
  const category = COGNITO_CATEGORIES.get(operation);
  return category ? [category] : [];
}
