import {
  AdminDeleteUserCommand,
  AdminGetUserCommand,
  AdminListGroupsForUserCommand,
  AdminUpdateUserAttributesCommand,
  AdminUserGlobalSignOutCommand,
  type AttributeType,
  ListUsersCommand,
  type UserType,
} from '@aws-sdk/client-cognito-identity-provider';
import { Injectable } from '@nestjs/common';
import { Config } from '../config.js';
import { AwsClients } from './aws-clients.js';
import { orNull } from './failures.js';
import { Governor } from './governor.js';
import { type DirectoryUser, UserDirectory } from './user-directory.js';

const PAGE_SIZE = 60; // the most that ListUsers and AdminListGroupsForUser give at once
const NO_SUCH_USER = ['UserNotFoundException'];

@Injectable()
export class CognitoUserDirectory extends UserDirectory {
  constructor(
    private readonly clients: AwsClients,
    private readonly config: Config,
    private readonly governor: Governor,
  ) {
    super();
  }

  async find(username: string): Promise<DirectoryUser | null> {
    const command = new AdminGetUserCommand({ UserPoolId: this.config.userPoolId, Username: username });
    const reply = await orNull(
      NO_SUCH_USER,
      this.governor.run('AdminGetUser', (abortSignal) => this.clients.cognito.send(command, { abortSignal })),
    );
    if (reply === null) return null;
    return toDirectoryUser({ ...reply, Attributes: reply.UserAttributes });
  }

  async findBySub(sub: string): Promise<DirectoryUser | null> {
    const { users } = await this.page({ Filter: `sub = ${quoted(sub)}` });
    return users.find((user) => user.sub === sub) ?? null;
  }

  async *pages(): AsyncGenerator<readonly DirectoryUser[]> {
    let token: string | undefined;
    do {
      const { users, next } = await this.page({ Limit: PAGE_SIZE, PaginationToken: token });
      yield users;
      token = next;
    } while (token);
  }

  async write(username: string, attributes: Readonly<Record<string, string | null>>): Promise<boolean> {
    const command = new AdminUpdateUserAttributesCommand({
      UserPoolId: this.config.userPoolId,
      Username: username,
      // A blank value deletes the attribute (API reference, AdminUpdateUserAttributes).
      UserAttributes: Object.entries(attributes).map(([Name, value]) => ({ Name, Value: value ?? '' })),
    });
    const reply = await orNull(
      NO_SUCH_USER,
      this.governor.run('AdminUpdateUserAttributes', (abortSignal) =>
        this.clients.cognito.send(command, { abortSignal }),
      ),
    );
    return reply !== null;
  }

  async search(text: string): Promise<readonly DirectoryUser[]> {
    const filters = [`email ^= ${quoted(text)}`, `username ^= ${quoted(text)}`, `sub = ${quoted(text)}`];
    const pages = await Promise.all(filters.map((Filter) => this.page({ Filter, Limit: PAGE_SIZE })));
    return [...new Map(pages.flatMap(({ users }) => users).map((user) => [user.sub, user])).values()];
  }

  async delete(username: string): Promise<void> {
    const user = { UserPoolId: this.config.userPoolId, Username: username };
    const signOut = new AdminUserGlobalSignOutCommand(user);
    const remove = new AdminDeleteUserCommand(user);
    await orNull(
      NO_SUCH_USER,
      this.governor.run('AdminUserGlobalSignOut', (abortSignal) => this.clients.cognito.send(signOut, { abortSignal })),
    );
    await orNull(
      NO_SUCH_USER,
      this.governor.run('AdminDeleteUser', (abortSignal) => this.clients.cognito.send(remove, { abortSignal })),
    );
  }

  async groupsOf(username: string): Promise<readonly string[]> {
    const groups: string[] = [];
    let token: string | undefined;
    do {
      const page = await this.groupPage(username, token);
      groups.push(...(page?.Groups ?? []).map(({ GroupName = '' }) => GroupName));
      token = page?.NextToken;
    } while (token);
    return groups;
  }

  private groupPage(username: string, token: string | undefined) {
    const command = new AdminListGroupsForUserCommand({
      UserPoolId: this.config.userPoolId,
      Username: username,
      Limit: PAGE_SIZE,
      NextToken: token,
    });
    return orNull(
      NO_SUCH_USER,
      this.governor.run('AdminListGroupsForUser', (abortSignal) => this.clients.cognito.send(command, { abortSignal })),
    );
  }

  private async page(search: { Filter?: string; Limit?: number; PaginationToken?: string | undefined }) {
    const command = new ListUsersCommand({ UserPoolId: this.config.userPoolId, ...search });
    const { Users, PaginationToken } = await this.governor.run('ListUsers', (abortSignal) =>
      this.clients.cognito.send(command, { abortSignal }),
    );
    return { users: (Users ?? []).map(toDirectoryUser), next: PaginationToken };
  }
}

/** A text as the filters of ListUsers take it. */
function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

function toDirectoryUser(user: UserType): DirectoryUser {
  const attributes = toRecord(user.Attributes ?? []);
  return {
    sub: attributes.sub ?? '',
    username: user.Username ?? '',
    enabled: user.Enabled === true,
    status: user.UserStatus ?? 'UNKNOWN',
    createdAt: user.UserCreateDate ?? new Date(0),
    modifiedAt: user.UserLastModifiedDate ?? new Date(0),
    attributes,
  };
}

function toRecord(attributes: readonly AttributeType[]): Record<string, string> {
  return Object.fromEntries(attributes.map(({ Name = '', Value = '' }) => [Name, Value]));
}
