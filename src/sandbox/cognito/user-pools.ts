import { randomInt } from 'node:crypto';
import type {
  AddCustomAttributesCommandInput,
  AddCustomAttributesCommandOutput,
  CreateUserPoolClientCommandInput,
  CreateUserPoolClientCommandOutput,
  CreateUserPoolCommandInput,
  CreateUserPoolCommandOutput,
  DeleteUserPoolClientCommandInput,
  DeleteUserPoolClientCommandOutput,
  DeleteUserPoolCommandInput,
  DeleteUserPoolCommandOutput,
  DescribeUserPoolClientCommandInput,
  DescribeUserPoolClientCommandOutput,
  DescribeUserPoolCommandInput,
  DescribeUserPoolCommandOutput,
  ListUserPoolClientsCommandInput,
  ListUserPoolClientsCommandOutput,
  ListUserPoolsCommandInput,
  ListUserPoolsCommandOutput,
  UpdateUserPoolClientCommandInput,
  UpdateUserPoolClientCommandOutput,
  UpdateUserPoolCommandInput,
  UpdateUserPoolCommandOutput,
  UserPoolClientType,
  UserPoolType,
} from '@aws-sdk/client-cognito-identity-provider';
import { schemaOf, withCustom } from './attributes.js';
import { STRICT } from './passwords.js';
import {
  type Client,
  type Given,
  invalid,
  invalidValue,
  notModelled,
  type Output,
  type Pool,
  type Pools,
  refuseOutside,
} from './pools.js';
import { lifetimes, type Tokens } from './tokens.js';
import { refuseBadLambdaConfig, shownConfig } from './triggers/lambda-config.js';

const LOWER = 'abcdefghijklmnopqrstuvwxyz0123456789';
const MIXED = `${LOWER}ABCDEFGHIJKLMNOPQRSTUVWXYZ`;
const ACCOUNT_ID = '000000000000';

function random(length: number, alphabet: string): string {
  return Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join('');
}

function poolType(pools: Pools, pool: Pool): UserPoolType {
  return {
    DeletionProtection: 'INACTIVE',
    MfaConfiguration: 'OFF',
    UserPoolTier: 'ESSENTIALS',
    AdminCreateUserConfig: { AllowAdminCreateUserOnly: false, UnusedAccountValidityDays: 7 },
    EmailConfiguration: { EmailSendingAccount: 'COGNITO_DEFAULT' },
    VerificationMessageTemplate: { DefaultEmailOption: 'CONFIRM_WITH_CODE' },
    ...pool.settings,
    LambdaConfig: shownConfig(pool.settings.LambdaConfig),
    Policies: { PasswordPolicy: { ...STRICT, TemporaryPasswordValidityDays: 7 }, ...pool.settings.Policies },
    Id: pool.id,
    Name: pool.settings.PoolName,
    Arn: `arn:aws:cognito-idp:${pool.id.split('_')[0]}:${ACCOUNT_ID}:userpool/${pool.id}`,
    SchemaAttributes: [...pool.attributes],
    EstimatedNumberOfUsers: pools.usersOf(pool.id).length,
    CreationDate: new Date(pool.createdAt),
    LastModifiedDate: new Date(pool.modifiedAt),
  };
}

/** Settings that would change how users sign in, and that nothing here acts on, are refused and not forgotten. */
function refuseUnmodelledPool(settings: Partial<CreateUserPoolCommandInput>): void {
  refuseBadLambdaConfig(settings.LambdaConfig);
  if ((settings.MfaConfiguration ?? 'OFF') !== 'OFF') throw notModelled('MfaConfiguration');
  if (settings.UserAttributeUpdateSettings?.AttributesRequireVerificationBeforeUpdate?.length) {
    throw notModelled('AttributesRequireVerificationBeforeUpdate');
  }
}

export const userPoolOperations = (pools: Pools, tokens: Tokens) => ({
  async CreateUserPool(
    { Schema = [], ...settings }: Given<CreateUserPoolCommandInput>,
    region: string,
  ): Promise<Output<CreateUserPoolCommandOutput>> {
    refuseUnmodelledPool(settings);
    const attributes = schemaOf(Schema);
    const id = `${region}_${random(9, MIXED)}`;
    const at = { createdAt: pools.now(), modifiedAt: pools.now() };
    return { UserPool: poolType(pools, pools.pools.put(id, { id, settings, attributes, ...at })) };
  },

  DescribeUserPool({ UserPoolId }: Given<DescribeUserPoolCommandInput>): Output<DescribeUserPoolCommandOutput> {
    return { UserPool: poolType(pools, pools.pool(UserPoolId)) };
  },

  ListUserPools({ MaxResults, NextToken }: Given<ListUserPoolsCommandInput>): Output<ListUserPoolsCommandOutput> {
    refuseOutside('maxResults', MaxResults, 1, 60);
    const { rows, next } = pools.page(pools.pools.values(), ({ id }) => id, 'ListUserPools', MaxResults, NextToken);
    return { UserPools: rows.map((pool) => poolType(pools, pool)), ...(next && { NextToken: next }) };
  },

  /** Every setting that is not sent goes back to its default, as on AWS; what is fixed at creation stays. */
  UpdateUserPool(input: Given<UpdateUserPoolCommandInput>): Output<UpdateUserPoolCommandOutput> {
    const { UserPoolId, PoolName, ...sent } = input;
    const pool = pools.pool(UserPoolId);
    refuseUnmodelledPool(sent);
    const { UsernameAttributes, AliasAttributes, UsernameConfiguration } = pool.settings;
    const fixed = { UsernameAttributes, AliasAttributes, UsernameConfiguration };
    const settings = { ...sent, ...fixed, PoolName: PoolName ?? pool.settings.PoolName };
    pools.pools.put(pool.id, { ...pool, settings, modifiedAt: pools.now() });
    return {};
  },

  DeleteUserPool({ UserPoolId }: Given<DeleteUserPoolCommandInput>): Output<DeleteUserPoolCommandOutput> {
    const pool = pools.pool(UserPoolId);
    if (pool.settings.DeletionProtection === 'ACTIVE') {
      throw invalid(
        'The user pool cannot be deleted because deletion protection is activated. ' +
          'Deletion protection must be inactivated first.',
      );
    }
    pools.removePool(pool);
    tokens.dropKeys(pool.id);
    return {};
  },

  AddCustomAttributes(input: Given<AddCustomAttributesCommandInput>): Output<AddCustomAttributesCommandOutput> {
    const pool = pools.pool(input.UserPoolId);
    const added = input.CustomAttributes;
    if (added.length < 1) throw invalidValue('', 'customAttributes', 'have length greater than or equal to 1');
    if (added.length > 25) throw invalidValue('', 'customAttributes', 'have length less than or equal to 25');
    pools.pools.put(pool.id, { ...pool, attributes: withCustom(pool.attributes, added), modifiedAt: pools.now() });
    return {};
  },
});

function clientType(client: Client): UserPoolClientType {
  return {
    RefreshTokenValidity: 30,
    TokenValidityUnits: {},
    AuthSessionValidity: 3,
    EnableTokenRevocation: true,
    EnablePropagateAdditionalUserContextData: false,
    AllowedOAuthFlowsUserPoolClient: false,
    ...client.settings,
    ClientSecret: client.secret ?? undefined,
    ClientId: client.id,
    CreationDate: new Date(client.createdAt),
    LastModifiedDate: new Date(client.modifiedAt),
  };
}

function refuseBadClient(pool: Pool, settings: Client['settings'], doing: 'creating' | 'updating'): void {
  const grace = settings.RefreshTokenRotation?.RetryGracePeriodSeconds;
  refuseOutside('refreshTokenRotation.retryGracePeriodSeconds', grace, 0, 60);
  refuseOutside('accessTokenValidity', settings.AccessTokenValidity, 1, 86_400);
  refuseOutside('idTokenValidity', settings.IdTokenValidity, 1, 86_400);
  refuseOutside('authSessionValidity', settings.AuthSessionValidity, 3, 15);
  const { accessSeconds, idSeconds, refreshSeconds } = lifetimes({ settings });
  const isShortLife = (seconds: number) => seconds >= 300 && seconds <= 86_400 && seconds <= refreshSeconds;
  const isLongLife = refreshSeconds >= 3600 && refreshSeconds <= 315_360_000;
  if (!isShortLife(accessSeconds) || !isShortLife(idSeconds) || !isLongLife) {
    throw invalid('Invalid range for token validity.');
  }
  const flows = settings.ExplicitAuthFlows ?? [];
  if (flows.some((flow) => flow.startsWith('ALLOW_')) && !flows.every((flow) => flow.startsWith('ALLOW_'))) {
    throw invalid('Explicit auth flows with and without the prefix ALLOW_ cannot be mixed.');
  }
  const isKnown = (name: string) => pool.attributes.some(({ Name }) => Name === name);
  const isWritable = (name: string) =>
    isKnown(name) && !['sub', 'email_verified', 'phone_number_verified'].includes(name);
  if (!settings.WriteAttributes?.every(isWritable) && settings.WriteAttributes) {
    throw invalid(`Invalid write attributes specified while ${doing} a client`);
  }
  if (!settings.ReadAttributes?.every(isKnown) && settings.ReadAttributes) {
    throw invalid(`Invalid read attributes specified while ${doing} a client`);
  }
}

export const appClientOperations = (pools: Pools) => ({
  CreateUserPoolClient(input: Given<CreateUserPoolClientCommandInput>): Output<CreateUserPoolClientCommandOutput> {
    const { GenerateSecret = false, ClientSecret, ...settings } = input;
    const pool = pools.pool(input.UserPoolId);
    refuseBadClient(pool, settings, 'creating');
    const id = random(26, LOWER);
    const secret = ClientSecret ?? (GenerateSecret ? random(51, LOWER) : null);
    const at = { createdAt: pools.now(), modifiedAt: pools.now() };
    return { UserPoolClient: clientType(pools.clients.put(id, { id, poolId: pool.id, secret, settings, ...at })) };
  },

  DescribeUserPoolClient({
    UserPoolId,
    ClientId,
  }: Given<DescribeUserPoolClientCommandInput>): Output<DescribeUserPoolClientCommandOutput> {
    return { UserPoolClient: clientType(pools.client(ClientId, pools.pool(UserPoolId).id)) };
  },

  ListUserPoolClients(input: Given<ListUserPoolClientsCommandInput>): Output<ListUserPoolClientsCommandOutput> {
    const pool = pools.pool(input.UserPoolId);
    refuseOutside('maxResults', input.MaxResults, 1, 60);
    const clients = pools.clients.filter(({ poolId }) => poolId === pool.id);
    const scope = `ListUserPoolClients ${pool.id}`;
    const { rows, next } = pools.page(clients, ({ id }) => id, scope, input.MaxResults, input.NextToken);
    const UserPoolClients = rows.map(({ id, settings: { ClientName } }) => ({
      ClientId: id,
      UserPoolId: pool.id,
      ClientName,
    }));
    return { UserPoolClients, ...(next && { NextToken: next }) };
  },

  /** Every setting that is not sent goes back to its default, WriteAttributes included. */
  UpdateUserPoolClient(input: Given<UpdateUserPoolClientCommandInput>): Output<UpdateUserPoolClientCommandOutput> {
    const { ClientId, ClientName, ...sent } = input;
    const pool = pools.pool(input.UserPoolId);
    const client = pools.client(ClientId, pool.id);
    const settings = { ...sent, ClientName: ClientName ?? client.settings.ClientName };
    refuseBadClient(pool, settings, 'updating');
    const updated = pools.clients.put(client.id, { ...client, settings, modifiedAt: pools.now() });
    return { UserPoolClient: clientType(updated) };
  },

  DeleteUserPoolClient({
    UserPoolId,
    ClientId,
  }: Given<DeleteUserPoolClientCommandInput>): Output<DeleteUserPoolClientCommandOutput> {
    pools.clients.delete(pools.client(ClientId, pools.pool(UserPoolId).id).id);
    return {};
  },
});
