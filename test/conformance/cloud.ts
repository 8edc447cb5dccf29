import type { APIGateway } from '@aws-sdk/client-api-gateway';
import type { CognitoIdentityProvider } from '@aws-sdk/client-cognito-identity-provider';
import type { Cognito } from '../../src/sandbox/cognito/cognito.js';
import type { SandboxClock } from '../../src/sandbox/sandbox-clock.js';
import type { Sandbox } from '../../src/sandbox/server.js';
import type { Exchange } from './clouds/exchange.js';
import { observed } from './clouds/observed.js';
import type { FunctionEvent } from './gateway/functions.js';
import { NEEDS, type Need } from './row.js';

export type CloudName = 'sandbox' | 'moto' | 'aws';

/** What a test holds of an emulator that runs in its own process. */
export interface Insides {
  readonly clock: SandboxClock;
  readonly cognito: Cognito;
  /** null where there is a Cognito alone. */
  readonly sandbox: Sandbox | null;
  readonly invocations: readonly { readonly name: string; readonly event: FunctionEvent }[];
}

/** Where the services answer, and what is different there. */
export interface CloudOptions {
  readonly name: CloudName;
  readonly region: string;
  readonly accountId: string;
  readonly gateway: APIGateway;
  readonly cognito: CognitoIdentityProvider;
  /** For requests without the SDK. */
  readonly gatewayUrl: string;
  readonly cognitoUrl: string;
  readonly executeUrl: (apiId: string) => string;
  /** What is missing there, and why. */
  readonly lacks: Partial<Record<Need, string>>;
  readonly insides?: Insides;
  /** Who is told what is asked and taken here. */
  readonly outer?: Cloud | null;
  /** Before a deployed API is called: time for what was written to arrive there. */
  readonly settle?: () => Promise<void>;
  /** What is done with the clients, before they are destroyed. */
  readonly end?: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Thrown when a row takes what this cloud does not have. */
export class NotHere extends Error {}

/** One place where the table is run. It knows what the row that runs has asked and taken. */
export class Cloud {
  /** What the running row asked, in order. */
  exchanges: Exchange[] = [];
  /** What the running row took of what not every cloud has. */
  readonly taken = new Set<Need>();
  /** What has another name on every cloud, by its real name: `sandboxapi` is `{api}`. */
  private readonly names = new Map<string, string>();
  private readonly ends: (() => Promise<void>)[] = [];
  private readonly worlds = new Map<unknown, Promise<unknown>>();

  constructor(readonly options: CloudOptions) {
    this.call(options.accountId, '{account}');
    if (options.region !== 'us-east-1') this.call(options.region, 'us-east-1');
    for (const client of [options.gateway, options.cognito])
      observed(client, (exchange) => {
        this.notice(exchange);
      });
  }

  /** Forgets the row before. */
  begin(): void {
    this.exchanges = [];
    this.taken.clear();
  }

  take(need: Need): void {
    this.taken.add(need);
    this.options.outer?.take(need);
    const reason = this.options.lacks[need];
    if (reason !== undefined) throw new NotHere(`${NEEDS[need]}: ${reason}`);
  }

  get insides(): Insides {
    this.take('insides');
    return this.held();
  }

  get clock(): SandboxClock {
    this.take('clock');
    return this.held().clock;
  }

  get sandbox(): Sandbox {
    const { sandbox } = this.insides;
    if (!sandbox) throw new NotHere('there is a Cognito alone');
    return sandbox;
  }

  get invocations(): Insides['invocations'] {
    this.take('functions');
    return this.held().invocations;
  }

  mail() {
    this.take('mail');
    return this.held().cognito.mail();
  }

  /** A world is made for its first row and serves all others of its kind. */
  world<W>(open: (cloud: Cloud) => Promise<W>): Promise<W> {
    const world = (this.worlds.get(open) as Promise<W> | undefined) ?? open(this);
    this.worlds.set(open, world);
    return world;
  }

  async fetch(url: string, init: RequestInit = {}): Promise<Response> {
    const reply = await fetch(url, init);
    const body = Buffer.from(await reply.arrayBuffer());
    this.notice({
      operation: null,
      method: init.method ?? 'GET',
      url,
      headers: Object.fromEntries(new Headers(init.headers)),
      body: typeof init.body === 'string' ? init.body : '',
      status: reply.status,
      replyHeaders: Object.fromEntries(reply.headers),
      reply: body.toString(),
    });
    const empty = [204, 205, 304].includes(reply.status);
    return new Response(empty ? null : body, { status: reply.status, headers: reply.headers });
  }

  /** A request to a deployed API. */
  async execute(apiId: string, path: string, init: RequestInit = {}): Promise<Response> {
    this.take('gate');
    await this.options.settle?.();
    return this.fetch(`${this.options.executeUrl(apiId)}/${path}`, init);
  }

  /** From here on answers have the word in the place of what this cloud calls by a name of its own. */
  call(real: string, word: string): void {
    this.names.set(real, word);
    this.options.outer?.call(real, word);
  }

  /** A question with this cloud's own names in the place of the words. */
  filled(text: string): string {
    let filled = text;
    for (const [real, word] of this.names) if (word !== '') filled = filled.replaceAll(word, real);
    return filled;
  }

  /** The answer as every cloud would give it: real names are put into `{words}`. */
  plain(answer: unknown): unknown {
    if (typeof answer === 'string') return this.worded(answer);
    if (Array.isArray(answer)) return answer.map((one) => this.plain(one));
    if (typeof answer !== 'object' || answer === null || !isPlain(answer)) return answer;
    return Object.fromEntries(Object.entries(answer).map(([name, value]) => [this.worded(name), this.plain(value)]));
  }

  /** What is to be done when the cloud is left. */
  onClose(end: () => Promise<void>): void {
    this.ends.unshift(end);
  }

  async close(): Promise<void> {
    for (const end of this.ends.splice(0)) await end();
    await this.options.end?.();
    this.options.gateway.destroy();
    this.options.cognito.destroy();
    await this.options.stop();
  }

  private worded(text: string): string {
    let plain = text;
    for (const [real, word] of this.names) plain = plain.replaceAll(real, word);
    return plain;
  }

  private held(): Insides {
    if (!this.options.insides) throw new NotHere('this emulator runs elsewhere');
    return this.options.insides;
  }

  private notice(exchange: Exchange): void {
    if (exchange.operation === 'UpdateAccount') this.take('account');
    if (exchange.operation === 'GetUsage' && this.taken.has('gate')) this.take('reports');
    this.exchanges.push(exchange);
    this.options.outer?.notice(exchange);
  }
}

/** Made by a literal, of whatever realm. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
