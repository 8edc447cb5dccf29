import {
  AdminCreateUserCommand,
  AdminInitiateAuthCommand,
  AdminSetUserPasswordCommand,
  CreateUserPoolClientCommand,
  DeleteUserPoolClientCommand,
  DescribeUserPoolClientCommand,
  ListUserPoolClientsCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { Injectable } from '@nestjs/common';
import { Config } from '../../config.js';
import { Secret } from '../../secret.js';
import { AwsClients } from '../aws-clients.js';
import { AccessDeniedError, isDenied, orNull } from '../failures.js';
import { Governor } from '../governor.js';
import { type Door, type Visitor, Visitors, type VisitorTokens } from './visitors.js';

const CLIENTS_A_PAGE = 60;
const FLOW = 'ADMIN_USER_PASSWORD_AUTH';

@Injectable()
export class CognitoVisitors extends Visitors {
  constructor(
    private readonly clients: AwsClients,
    private readonly config: Config,
    private readonly governor: Governor,
  ) {
    super();
  }

  async openDoor(ClientName: string): Promise<string> {
    const command = new CreateUserPoolClientCommand({
      ...this.pool,
      ClientName,
      ExplicitAuthFlows: [`ALLOW_${FLOW}`, 'ALLOW_REFRESH_TOKEN_AUTH'],
      WriteAttributes: ['email'],
      PreventUserExistenceErrors: 'ENABLED',
    });
    const { UserPoolClient } = await this.ask('CreateUserPoolClient', (abortSignal) =>
      this.clients.cognito.send(command, { abortSignal }),
    );
    return UserPoolClient?.ClientId ?? '';
  }

  async closeDoor(ClientId: string): Promise<void> {
    const command = new DeleteUserPoolClientCommand({ ...this.pool, ClientId });
    await orNull(
      ['ResourceNotFoundException'],
      this.ask('DeleteUserPoolClient', (abortSignal) => this.clients.cognito.send(command, { abortSignal })),
    );
  }

  async doors(namePrefix: string): Promise<readonly Door[]> {
    const found: Door[] = [];
    let NextToken: string | undefined;
    do {
      const command = new ListUserPoolClientsCommand({ ...this.pool, MaxResults: CLIENTS_A_PAGE, NextToken });
      const page = await this.ask('ListUserPoolClients', (abortSignal) =>
        this.clients.cognito.send(command, { abortSignal }),
      );
      const named = (page.UserPoolClients ?? []).filter(({ ClientName }) => ClientName?.startsWith(namePrefix));
      found.push(...named.map(({ ClientId = '', ClientName = '' }) => ({ id: ClientId, name: ClientName })));
      NextToken = page.NextToken;
    } while (NextToken);
    return found;
  }

  async doorMadeAt(ClientId: string): Promise<Date | null> {
    const command = new DescribeUserPoolClientCommand({ ...this.pool, ClientId });
    const reply = await orNull(
      ['ResourceNotFoundException'],
      this.ask('DescribeUserPoolClient', (abortSignal) => this.clients.cognito.send(command, { abortSignal })),
    );
    return reply?.UserPoolClient?.CreationDate ?? null;
  }

  async admit(email: string): Promise<Visitor> {
    const create = new AdminCreateUserCommand({
      ...this.pool,
      Username: email,
      MessageAction: 'SUPPRESS',
      UserAttributes: [
        { Name: 'email', Value: email },
        { Name: 'email_verified', Value: 'true' },
      ],
    });
    const { User } = await this.ask('AdminCreateUser', (abortSignal) =>
      this.clients.cognito.send(create, { abortSignal }),
    );
    return { username: User?.Username ?? '', sub: User?.Attributes?.find(({ Name }) => Name === 'sub')?.Value ?? '' };
  }

  async givePassword({ username }: Visitor, password: Secret): Promise<void> {
    const set = { ...this.pool, Username: username, Password: password.reveal(), Permanent: true };
    await this.ask('AdminSetUserPassword', (abortSignal) =>
      this.clients.cognito.send(new AdminSetUserPasswordCommand(set), { abortSignal }),
    );
  }

  async signIn(ClientId: string, { username }: Visitor, password: Secret): Promise<VisitorTokens> {
    const AuthParameters = { USERNAME: username, PASSWORD: password.reveal() };
    const command = new AdminInitiateAuthCommand({ ...this.pool, ClientId, AuthFlow: FLOW, AuthParameters });
    const { AuthenticationResult } = await this.ask('AdminInitiateAuth', (abortSignal) =>
      this.clients.cognito.send(command, { abortSignal }),
    );
    const { IdToken = '', AccessToken = '' } = AuthenticationResult ?? {};
    return { id: new Secret(IdToken), access: new Secret(AccessToken) };
  }

  private get pool() {
    return { UserPoolId: this.config.userPoolId };
  }

  private async ask<T>(operation: string, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    try {
      return await this.governor.run(operation, call);
    } catch (error) {
      throw isDenied(error) ? new AccessDeniedError(operation, { cause: error }) : error;
    }
  }
}
