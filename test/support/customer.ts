import { GetApiKeysCommand, GetUsagePlansCommand } from '@aws-sdk/client-api-gateway';
import { AdminGetUserCommand, AdminUpdateUserAttributesCommand } from '@aws-sdk/client-cognito-identity-provider';
import { USER_POOL_ID } from '../../src/sandbox/seed.js';
import { bothWays, compareLanes, GENERAL } from './both-ways.js';
import type { World } from './world.js';

export interface GraphqlError {
  readonly message: string;
  readonly path?: readonly string[];
  readonly extensions: { readonly code: string; readonly retryAfterSeconds?: number; readonly reference?: string };
}

export interface GraphqlReply<T> {
  readonly status: number;
  readonly data: T | null;
  readonly errors: readonly GraphqlError[];
  readonly text: string;
}

export interface SubscriptionReply {
  readonly planCode: string;
  readonly state: string;
  readonly suspension: string | null;
  readonly apiKey: { readonly id: string; readonly lastFour: string; readonly createdAt: string } | null;
  readonly overlappingKey: { readonly id: string; readonly retiresAt: string } | null;
}

/** The reply to any mutation: the members that its type has, and those of a Problem. */
export interface Outcome {
  readonly __typename: string;
  readonly code?: string;
  readonly message?: string;
  readonly key?: { readonly id: string; readonly value: string } | null;
  readonly subscription?: SubscriptionReply | null;
  readonly plan?: { readonly code: string } | null;
}

export interface Me {
  readonly id: string;
  readonly username: string;
  readonly email: string | null;
  readonly subscription: SubscriptionReply | null;
  readonly usage: {
    readonly limit: number | null;
    readonly used: number;
    readonly remaining: number | null;
    readonly granted: number;
    readonly periodStart: string | null;
    readonly resetsAt: string | null;
    readonly asOf: string;
    readonly daily: readonly { readonly date: string; readonly used: number }[];
  } | null;
}

export interface WorldKey {
  readonly id: string;
  readonly name: string;
  readonly value: string;
  readonly enabled: boolean;
  /** Codes of the plans it is in, or the id of a plan without our tag. */
  readonly plans: readonly string[];
}

const SUBSCRIPTION = 'planCode state suspension apiKey { id lastFour createdAt } overlappingKey { id retiresAt }';
const PROBLEM = '... on Problem { code message }';

/** A user of the pool, acting through GraphQL; and what AWS holds of them, read past Turnpike. */
export class Customer {
  readonly sub: string;
  readonly username: string;
  readonly email: string;
  readonly accessToken: string | null;
  readonly idToken: string;

  constructor(
    private readonly world: World,
    who: { sub: string; username: string; email: string; accessToken: string | null; idToken: string },
  ) {
    this.sub = who.sub;
    this.username = who.username;
    this.email = who.email;
    this.accessToken = who.accessToken;
    this.idToken = who.idToken;
  }

  /** Sends a GraphQL request; `at` names another server than the world's own. */
  async gql<T = Record<string, unknown>>(
    query: string,
    variables: Record<string, unknown> = {},
    at = this.world.url,
    token = this.accessToken,
  ): Promise<GraphqlReply<T>> {
    const send = (body: object) =>
      fetch(`${at}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify(body),
      });
    const reply = await send({ query, variables, ...(bothWays ? GENERAL : {}) });
    const text = await reply.text();
    if (bothWays && at === this.world.url) await compareLanes(this.world, { query, variables }, send, { reply, text });
    const { data = null, errors = [] } = JSON.parse(text) as { data?: T; errors?: GraphqlError[] };
    return { status: reply.status, data, errors, text };
  }

  subscribe(plan: string, at?: string): Promise<Outcome> {
    return this.mutate(
      `mutation ($plan: String!) { subscribe(plan: $plan) { __typename
        ... on SubscriptionChanged { subscription { ${SUBSCRIPTION} } key { id value } } ${PROBLEM} } }`,
      { plan },
      at,
    );
  }

  cancel(at?: string): Promise<Outcome> {
    return this.mutate(
      `mutation { cancelSubscription { __typename
        ... on SubscriptionCancelled { plan { code } subscription { ${SUBSCRIPTION} } } ${PROBLEM} } }`,
      {},
      at,
    );
  }

  rotate(keyId: string, graceSeconds = 0, at?: string): Promise<Outcome> {
    return this.mutate(
      `mutation ($keyId: ID!, $graceSeconds: Int!) { rotateKey(keyId: $keyId, graceSeconds: $graceSeconds) { __typename
        ... on KeyRotated { subscription { ${SUBSCRIPTION} } key { id value } } ${PROBLEM} } }`,
      { keyId, graceSeconds },
      at,
    );
  }

  revoke(keyId: string, at?: string): Promise<Outcome> {
    return this.mutate(
      `mutation ($keyId: ID!) { revokeKey(keyId: $keyId) { __typename
        ... on KeyRevoked { subscription { ${SUBSCRIPTION} } } ${PROBLEM} } }`,
      { keyId },
      at,
    );
  }

  reveal(at?: string): Promise<Outcome> {
    return this.mutate(
      `mutation { revealKey { __typename ... on KeyRevealed { key { id value } } ${PROBLEM} } }`,
      {},
      at,
    );
  }

  async me(at?: string): Promise<Me> {
    const reply = await this.gql<{ me: Me }>(
      `{ me { id username email subscription { ${SUBSCRIPTION} }
        usage { limit used remaining granted periodStart resetsAt asOf daily { date used } } } }`,
      {},
      at,
    );
    if (!reply.data) throw new Error(reply.text);
    return reply.data.me;
  }

  /** Calls the metered API with a key: how often each status came back. `/open` asks for a key only, `/pets` for both. */
  async call(keyValue: string, times = 1, path = '/open'): Promise<Record<number, number>> {
    const statuses: Record<number, number> = {};
    for (let i = 0; i < times; i++) {
      const headers = { 'x-api-key': keyValue, ...(path === '/pets' ? { authorization: this.idToken } : {}) };
      const reply = await fetch(`${this.world.sandbox.info().invokeUrl}${path}`, { headers });
      await reply.text();
      statuses[reply.status] = (statuses[reply.status] ?? 0) + 1;
    }
    return statuses;
  }

  /**
   * Uses up to `times` calls, never faster than the plan's throttle lets through. Answers how many were served. The API is
   * asked without HTTP in between: what costs time here is the wire, and `call` goes over it.
   */
  async use(keyValue: string, times: number): Promise<number> {
    const { sandbox } = this.world;
    const url = new URL(`${sandbox.info().invokeUrl}/open`);
    const request = { method: 'GET', url, headers: { 'x-api-key': keyValue }, body: Buffer.alloc(0) };
    let served = 0;
    for (let i = 0; i < times; i++) {
      const { status } = await sandbox.gateway.execute(request);
      if (status !== 200) break;
      served++;
      if (served % 10 === 0) this.world.forward(1);
    }
    return served;
  }

  /** All keys of this customer that API Gateway holds, newest generation first. */
  async keys(): Promise<WorldKey[]> {
    const { gateway, sandbox } = this.world;
    const codes = new Map(sandbox.info().plans.map(({ code, usagePlanId }) => [usagePlanId, code]));
    const { items = [] } = await gateway.send(
      new GetApiKeysCommand({ nameQuery: `turnpike.${USER_POOL_ID}.${this.sub}.`, includeValues: true, limit: 500 }),
    );
    const keys = items.map(async ({ id = '', name = '', value = '', enabled = false }) => {
      const plans = await gateway.send(new GetUsagePlansCommand({ keyId: id }));
      return {
        id,
        name,
        value,
        enabled,
        plans: (plans.items ?? []).map((plan) => codes.get(plan.id ?? '') ?? String(plan.id)),
      };
    });
    return (await Promise.all(keys)).sort((a, b) => (a.name < b.name ? 1 : -1));
  }

  async liveKeys(): Promise<WorldKey[]> {
    return (await this.keys()).filter(({ enabled, plans }) => enabled && plans.length > 0);
  }

  async attributes(): Promise<Record<string, string>> {
    const { UserAttributes = [] } = await this.world.cognito.send(
      new AdminGetUserCommand({ UserPoolId: USER_POOL_ID, Username: this.username }),
    );
    return Object.fromEntries(UserAttributes.map(({ Name, Value }) => [Name, Value ?? '']));
  }

  /** As somebody with IAM rights would, past Turnpike. A blank value removes the attribute. */
  async setAttributes(attributes: Record<string, string>): Promise<void> {
    await this.world.cognito.send(
      new AdminUpdateUserAttributesCommand({
        UserPoolId: USER_POOL_ID,
        Username: this.username,
        UserAttributes: Object.entries(attributes).map(([Name, Value]) => ({ Name, Value })),
      }),
    );
  }

  private async mutate(query: string, variables: Record<string, unknown>, at?: string): Promise<Outcome> {
    const reply = await this.gql<Record<string, Outcome>>(query, variables, at);
    const outcome = reply.data && Object.values(reply.data)[0];
    if (!outcome) throw new Error(reply.text);
    return outcome;
  }
}
