import { AdminGetUserCommand, AdminUpdateUserAttributesCommand } from '@aws-sdk/client-cognito-identity-provider';
import { Injectable } from '@nestjs/common';
import { Config } from '../config.js';
import { AwsClients } from './aws-clients.js';
import { askOr } from './failures.js';
import { type DirectoryUser, UserDirectory } from './user-directory.js';

const NO_SUCH_USER = ['UserNotFoundException'];

@Injectable()
export class CognitoUserDirectory extends UserDirectory {
  constructor(
    private readonly clients: AwsClients,
    private readonly config: Config,
  ) {
    super();
  }

  async find(username: string): Promise<DirectoryUser | null> {
    const reply = await askOr('AdminGetUser', NO_SUCH_USER, () =>
      this.clients.cognito.send(new AdminGetUserCommand({ UserPoolId: this.config.userPoolId, Username: username })),
    );
    if (reply === null) return null;
    const attributes = Object.fromEntries((reply.UserAttributes ?? []).map(({ Name, Value }) => [Name, Value ?? '']));
    return {
      sub: attributes.sub ?? '',
      username: reply.Username ?? username,
      enabled: reply.Enabled === true,
      status: reply.UserStatus ?? 'UNKNOWN',
      createdAt: reply.UserCreateDate ?? new Date(0),
      modifiedAt: reply.UserLastModifiedDate ?? new Date(0),
      attributes,
    };
  }

  async write(username: string, attributes: Readonly<Record<string, string | null>>): Promise<boolean> {
    const reply = await askOr('AdminUpdateUserAttributes', NO_SUCH_USER, () =>
      this.clients.cognito.send(
        new AdminUpdateUserAttributesCommand({
          UserPoolId: this.config.userPoolId,
          Username: username,
          // A blank value deletes the attribute (API reference, AdminUpdateUserAttributes).
          UserAttributes: Object.entries(attributes).map(([Name, value]) => ({ Name, Value: value ?? '' })),
        }),
      ),
    );
    return reply !== null;
  }
}
