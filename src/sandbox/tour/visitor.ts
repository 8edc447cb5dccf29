import type { Narrator } from './narrator.js';

const TIMEOUT_MILLISECONDS = 10_000;

export interface Places {
  /** Where Turnpike answers. */
  readonly server: string;
  /** Where Cognito answers. */
  readonly cognito: string;
  /** The API that is sold. */
  readonly api: string;
  readonly clientId: string;
}

export interface Reply {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The members that the tour looks at, of whatever a GraphQL field answers. */
export interface Answer {
  readonly __typename?: string;
  readonly code?: string;
  readonly key?: { readonly id: string; readonly value: string } | null;
  readonly subscription?: {
    readonly planCode: string;
    readonly state: string;
    readonly apiKey: { readonly id: string } | null;
    readonly overlappingKey: { readonly id: string } | null;
  } | null;
  readonly usage?: { readonly limit: number; readonly used: number; readonly remaining: number } | null;
}

/** A customer with nothing but HTTP: Cognito, Turnpike's GraphQL, and the API with a key. */
export class Visitor {
  /** Whatever must not stand in any log. */
  readonly secrets: string[] = [];
  private accessToken: string | null = null;
  private idToken: string | null = null;

  constructor(
    private readonly places: Places,
    private readonly narrator: Narrator,
  ) {}

  /** What Cognito answers to an operation that needs no AWS credentials. */
  async cognito(operation: string, input: Readonly<Record<string, unknown>>): Promise<Reply> {
    const reply = await send(`${this.places.cognito}/`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `AWSCognitoIdentityProviderService.${operation}`,
      },
      body: JSON.stringify({ ClientId: this.places.clientId, ...input }),
    });
    this.narrator.exchange(`POST Cognito ${operation}`, reply.status, reply.body);
    return reply;
  }

  async signIn(username: string, password: string): Promise<Reply> {
    const AuthParameters = { USERNAME: username, PASSWORD: password };
    const reply = await this.cognito('InitiateAuth', { AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters });
    const tokens = reply.body.AuthenticationResult as Readonly<Record<string, string>> | undefined;
    this.accessToken = tokens?.AccessToken ?? null;
    this.idToken = tokens?.IdToken ?? null;
    this.secrets.push(password, ...Object.values(tokens ?? {}).filter((value) => value.length > 40));
    return reply;
  }

  /** One root field of Turnpike's GraphQL; the answer to it, or the first error with its code. */
  async ask<T = Answer>(operation: 'query' | 'mutation', field: string, selection: string): Promise<T> {
    const { status, body } = await send(`${this.places.server}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(this.accessToken && { authorization: `Bearer ${this.accessToken}` }),
      },
      body: JSON.stringify({ query: `${operation} { answer: ${field} { ${selection} } }` }),
    });
    const { data, errors = [] } = body as { data?: { answer: T }; errors?: { extensions: Answer }[] };
    const answer = data?.answer ?? (errors[0]?.extensions as T | undefined);
    this.narrator.exchange(`POST /graphql  ${operation} ${field}`, status, answer ?? body);
    if (answer === undefined) throw new Error(`No answer to ${field}: ${JSON.stringify(body)}`);
    this.remember(answer as Answer);
    return answer;
  }

  /** One call of the API: status and, unless served, the message. */
  async call(key: string | null, token: 'with token' | 'without token' = 'with token'): Promise<string> {
    const answer = await this.callQuietly(key, token);
    const headers = [
      token === 'with token' ? 'ID token' : 'no token',
      key === null ? 'no key' : `key …${key.slice(-4)}`,
    ];
    const [status = '', ...message] = answer.split(' ');
    this.narrator.exchange(`GET /pets  ${headers.join(', ')}`, status, message.join(' '));
    return answer;
  }

  async callQuietly(key: string | null, token: 'with token' | 'without token' = 'with token'): Promise<string> {
    const { status, body } = await send(`${this.places.api}/pets`, {
      headers: {
        ...(key && { 'x-api-key': key }),
        ...(token === 'with token' && this.idToken && { authorization: this.idToken }),
      },
    });
    return status === 200 ? '200 OK' : `${status} ${String(body.message)}`;
  }

  private remember({ key }: Answer): void {
    if (key) this.secrets.push(key.value);
  }
}

async function send(url: string, request: RequestInit): Promise<Reply> {
  const reply = await fetch(url, { ...request, signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS) });
  const text = await reply.text();
  return { status: reply.status, body: text ? (JSON.parse(text) as Reply['body']) : {} };
}
