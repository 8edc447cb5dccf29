import {
  GetApiKeyCommand,
  GetApiKeysCommand,
  GetStageCommand,
  GetUsageCommand,
  GetUsagePlanKeysCommand,
  GetUsagePlansCommand,
} from '@aws-sdk/client-api-gateway';
import {
  AdminGetUserCommand,
  AdminListGroupsForUserCommand,
  DescribeUserPoolClientCommand,
  DescribeUserPoolCommand,
  ListUserPoolClientsCommand,
  ListUsersCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { Injectable } from '@nestjs/common';
import { Clock, dayOf } from '../../clock.js';
import { Config } from '../../config.js';
import { AwsClients } from '../aws-clients.js';
import { AccessDeniedError, isDenied, orNull } from '../failures.js';
import { Governor } from '../governor.js';
import { allPages, PAGE_SIZE } from '../pages.js';
import {
  AccountInspection,
  type AppClient,
  type KeyCount,
  type Right,
  type Stage,
  type UserPool,
} from './account-inspection.js';
import { toAppClient, toUserPool } from './described.js';

const CLIENTS_A_PAGE = 60; // the most that ListUserPoolClients gives at once
const GONE = ['NotFoundException', 'ResourceNotFoundException', 'UserNotFoundException'];
/** Nobody and nothing is called that. */
const NOBODY = 'turnpike-asks-whether-it-may';

type Call<T> = (options: { readonly abortSignal: AbortSignal }) => Promise<T>;

@Injectable()
export class AwsAccountInspection extends AccountInspection {
  constructor(
    private readonly clients: AwsClients,
    private readonly config: Config,
    private readonly governor: Governor,
    private readonly clock: Clock,
  ) {
    super();
  }

  async userPool(): Promise<UserPool | null> {
    const command = new DescribeUserPoolCommand({ UserPoolId: this.config.userPoolId });
    const described = await orNull(
      GONE,
      this.ask('DescribeUserPool', (options) => this.clients.cognito.send(command, options)),
    );
    return described && toUserPool(described.UserPool ?? {});
  }

  async appClients(): Promise<readonly AppClient[]> {
    const found: AppClient[] = [];
    for (const ClientId of await this.clientIds()) {
      const command = new DescribeUserPoolClientCommand({ UserPoolId: this.config.userPoolId, ClientId });
      const described = await orNull(
        GONE,
        this.ask('DescribeUserPoolClient', (options) => this.clients.cognito.send(command, options)),
      );
      if (described?.UserPoolClient) found.push(toAppClient(described.UserPoolClient));
    }
    return found;
  }

  async stagesByPlan(): Promise<ReadonlyMap<string, readonly Stage[]>> {
    const plans = await allPages((position) => {
      const command = new GetUsagePlansCommand({ limit: PAGE_SIZE, position });
      return this.ask('GetUsagePlans', (options) => this.clients.gateway.send(command, options));
    });
    return new Map(
      plans.map(({ id = '', apiStages = [] }) => [
        id,
        apiStages.map(({ apiId = '', stage = '' }) => ({ apiId, name: stage })),
      ]),
    );
  }

  async hasStage({ apiId, name }: Stage): Promise<boolean> {
    const command = new GetStageCommand({ restApiId: apiId, stageName: name });
    const stage = await orNull(
      GONE,
      this.ask('GetStage', (options) => this.clients.gateway.send(command, options)),
    );
    return stage !== null;
  }

  async countKeys(): Promise<KeyCount> {
    const keys = await allPages((position) => {
      const command = new GetApiKeysCommand({ limit: PAGE_SIZE, position });
      return this.ask('GetApiKeys', (options) => this.clients.gateway.send(command, options));
    });
    return { all: keys.length, enabledNames: keys.filter(({ enabled }) => enabled).map(({ name = '' }) => name) };
  }

  rights(planId: string | null): readonly Right[] {
    const { cognito, gateway } = this.clients;
    const UserPoolId = this.config.userPoolId;
    const pool = `userpool/${UserPoolId}`;
    const today = dayOf(this.clock.now());
    const right = (action: string, resource: string, operation: string, call: Call<unknown>): Right => {
      return { action, resource, probe: () => orNull(GONE, this.ask(operation, call)) };
    };
    const user = new AdminGetUserCommand({ UserPoolId, Username: NOBODY });
    const groups = new AdminListGroupsForUserCommand({ UserPoolId, Username: NOBODY, Limit: 1 });
    const users = new ListUsersCommand({ UserPoolId, Limit: 1 });
    const keys = new GetApiKeysCommand({ limit: 1 });
    const key = new GetApiKeyCommand({ apiKey: NOBODY });
    const always = [
      right('cognito-idp:AdminGetUser', pool, 'AdminGetUser', (options) => cognito.send(user, options)),
      right('cognito-idp:AdminListGroupsForUser', pool, 'AdminListGroupsForUser', (options) =>
        cognito.send(groups, options),
      ),
      right('cognito-idp:ListUsers', pool, 'ListUsers', (options) => cognito.send(users, options)),
      right('apigateway:GET', '/apikeys', 'GetApiKeys', (options) => gateway.send(keys, options)),
      right('apigateway:GET', '/apikeys/*', 'GetApiKey', (options) => gateway.send(key, options)),
    ];
    if (planId === null) return always;
    const planKeys = new GetUsagePlanKeysCommand({ usagePlanId: planId, limit: 1 });
    const usage = new GetUsageCommand({ usagePlanId: planId, startDate: today, endDate: today, limit: 1 });
    return [
      ...always,
      right('apigateway:GET', '/usageplans/*', 'GetUsagePlanKeys', (options) => gateway.send(planKeys, options)),
      right('apigateway:GET', '/usageplans/*', 'GetUsage', (options) => gateway.send(usage, options)),
    ];
  }

  private async clientIds(): Promise<string[]> {
    const ids: string[] = [];
    let NextToken: string | undefined;
    do {
      const asked = { UserPoolId: this.config.userPoolId, MaxResults: CLIENTS_A_PAGE, NextToken };
      const command = new ListUserPoolClientsCommand(asked);
      const page = await this.ask('ListUserPoolClients', (options) => this.clients.cognito.send(command, options));
      ids.push(...(page.UserPoolClients ?? []).map(({ ClientId = '' }) => ClientId));
      NextToken = page.NextToken;
    } while (NextToken);
    return ids;
  }

  private async ask<T>(operation: string, call: Call<T>): Promise<T> {
    try {
      return await this.governor.run(operation, (abortSignal) => call({ abortSignal }));
    } catch (error) {
      throw isDenied(error) ? new AccessDeniedError(operation, { cause: error }) : error;
    }
  }
}
