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
import { AwsUnavailableError, orNull } from './failures.js';
import { Governor } from './governor.js';
import { type DirectoryUser, MOST_SEARCHED, UserDirectory } from './user-directory.js';

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
    return toDirectoryUser('AdminGetUser', { ...reply, Attributes: reply.UserAttributes });
  }

  async findBySub(sub: string): Promise<DirectoryUser | null> {
    for await (const users of this.matching(`sub = ${quoted(sub)}`)) {
      const found = users.find((user) => user.sub === sub);
      if (found) return found;
    }
    return null;
  }

  pages(): AsyncGenerator<readonly DirectoryUser[]> {
    return this.matching();
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
    const found = await Promise.all(filters.map((filter) => this.first(filter)));
    return [...new Map(found.flat().map((user) => [user.sub, user])).values()];
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

  /** As many as one page may hold. */
  private async first(filter: string): Promise<readonly DirectoryUser[]> {
    const found: DirectoryUser[] = [];
    for await (const users of this.matching(filter)) {
      found.push(...users);
      if (found.length >= MOST_SEARCHED) break;
    }
    return found;
  }

  /** Page by page: one that is short, or empty, is the last one only when no other follows. */
  private async *matching(Filter?: string): AsyncGenerator<readonly DirectoryUser[]> {
    const search = { UserPoolId: this.config.userPoolId, Filter, Limit: PAGE_SIZE };
    let next: string | undefined;
    do {
      const command = new ListUsersCommand({ ...search, PaginationToken: next });
      const { Users, PaginationToken } = await this.governor.run('ListUsers', (abortSignal) =>
        this.clients.cognito.send(command, { abortSignal }),
      );
      yield (Users ?? []).map((user) => toDirectoryUser('ListUsers', user));
      next = PaginationToken;
    } while (next);
  }
}

/** A text as the filters of ListUsers take it. */
function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

/** Each user has a `sub`. An answer without one is none: taken for somebody else's, it would make the one meant gone. */
function toDirectoryUser(operation: string, user: UserType): DirectoryUser {
  const attributes = toRecord(user.Attributes ?? []);
  if (!attributes.sub) throw new AwsUnavailableError(operation, 1);
  return {
    sub: attributes.sub,
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
