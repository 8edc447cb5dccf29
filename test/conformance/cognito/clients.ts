import { expect } from '@jest/globals';
import { PASSWORD, type Row, refusal, secretHash } from '../cognito-rows.js';

export const CLIENTS: readonly Row[] = [
  {
    id: 'clients.describe-lists',
    call: 'DescribeUserPoolClient',
    what: 'attribute lists are shown only when they were set',
    run: async (world) => {
      const open = await world.newClient();
      const closed = await world.newClient({ WriteAttributes: ['email'] });
      const show = async (ClientId: string) =>
        (await world.aws.describeUserPoolClient({ UserPoolId: world.poolId, ClientId })).UserPoolClient
          ?.WriteAttributes;
      return [await show(open), await show(closed)];
    },
    expected: [undefined, ['email']],
    basis: 'docs',
    source: 'DOC API_CreateUserPoolClient',
  },
  {
    id: 'clients.update-resets',
    call: 'UpdateUserPoolClient, DescribeUserPoolClient',
    what: 'UpdateUserPoolClient forgets every setting that is not sent',
    run: async (world) => {
      const ClientId = await world.newClient({
        WriteAttributes: ['email'],
        ReadAttributes: ['email'],
        RefreshTokenValidity: 1,
      });
      await world.aws.updateUserPoolClient({ UserPoolId: world.poolId, ClientId, ClientName: 'other' });
      const { UserPoolClient } = await world.aws.describeUserPoolClient({ UserPoolId: world.poolId, ClientId });
      const { WriteAttributes, ReadAttributes, RefreshTokenValidity, ExplicitAuthFlows } = UserPoolClient ?? {};
      return [WriteAttributes, ReadAttributes, RefreshTokenValidity, ExplicitAuthFlows];
    },
    expected: [undefined, undefined, 30, undefined],
    basis: 'docs',
    source: 'DOC API_UpdateUserPoolClient; measured live by GH mohamedsorour1998/Grace',
  },
  {
    id: 'clients.unknown-attribute',
    call: 'CreateUserPoolClient',
    what: 'WriteAttributes must be in the schema',
    run: (world) => refusal(world.newClient({ WriteAttributes: ['custom:nothing'] })),
    expected: 'InvalidParameterException: Invalid write attributes specified while creating a client',
    basis: 'field',
    source: 'FIELD',
  },
  {
    id: 'clients.short-token',
    call: 'CreateUserPoolClient',
    what: 'an access token lives for at least five minutes',
    run: (world) =>
      refusal(world.newClient({ AccessTokenValidity: 4, TokenValidityUnits: { AccessToken: 'minutes' } })),
    expected: 'InvalidParameterException: Invalid range for token validity.',
    basis: 'field',
    source: 'GH hashicorp/terraform-provider-aws#32504; DOC user-pool-settings-client-apps',
  },
  {
    id: 'clients.long-token',
    call: 'CreateUserPoolClient',
    what: 'an ID token lives for at most a day',
    run: (world) => refusal(world.newClient({ IdTokenValidity: 25 })),
    expected: 'InvalidParameterException: Invalid range for token validity.',
    basis: 'docs',
    source: 'DOC user-pool-settings-client-apps',
  },
  {
    id: 'clients.other-pool',
    call: 'DescribeUserPoolClient',
    what: 'a client of another pool does not exist',
    run: (world) => refusal(world.aws.describeUserPoolClient({ UserPoolId: world.namesId, ClientId: world.clientId })),
    expected: `ResourceNotFoundException: User pool client {client} does not exist.`,
    basis: 'field',
    source: 'FIELD',
  },
  {
    id: 'clients.delete',
    call: 'DeleteUserPoolClient, ListUserPoolClients',
    what: 'a deleted client no longer signs anybody in',
    run: async (world) => {
      const ClientId = await world.newClient();
      await world.aws.deleteUserPoolClient({ UserPoolId: world.poolId, ClientId });
      const { UserPoolClients } = await world.aws.listUserPoolClients({ UserPoolId: world.poolId, MaxResults: 60 });
      return [UserPoolClients?.some((one) => one.ClientId === ClientId), await refusal(world.signIn('ada', ClientId))];
    },
    expected: [false, expect.stringContaining('ResourceNotFoundException')],
    basis: 'docs',
    source: 'DOC API_DeleteUserPoolClient',
  },
  {
    id: 'clients.secret',
    call: 'InitiateAuth',
    what: 'a client with a secret needs the secret hash',
    run: async (world) => {
      const { email } = await world.someone();
      const hash = secretHash(world.secretOf(world.secretId), email, world.secretId);
      const attempt = (more: Record<string, string>) =>
        world.aws.initiateAuth({
          ClientId: world.secretId,
          AuthFlow: 'USER_PASSWORD_AUTH',
          AuthParameters: { USERNAME: email, PASSWORD, ...more },
        });
      const { AuthenticationResult } = await attempt({ SECRET_HASH: hash });
      return [
        await refusal(attempt({})),
        await refusal(attempt({ SECRET_HASH: 'wrong' })),
        AuthenticationResult?.TokenType,
      ];
    },
    expected: [
      `NotAuthorizedException: Client {secretClient} is configured with secret but SECRET_HASH was not received`,
      `NotAuthorizedException: Unable to verify secret hash for client {secretClient}`,
      'Bearer',
    ],
    basis: 'field',
    source: 'FIELD; DOC signing-up-users-in-your-app#cognito-user-pools-computing-secret-hash',
  },
];
