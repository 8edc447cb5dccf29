import * as z from 'zod';
import type { SandboxClock } from '../../sandbox-clock.js';
import type { Authorizer } from '../rest-api/definition.js';
import { type Call, type Caller, methodArn, type RoutedCall } from './call.js';
import { invoke, NoSuchFunction, type SandboxFunctions } from './functions.js';
import { authorizerEvent } from './lambda-event.js';
import { decide, type Policy, policySchema } from './policy.js';
import { AUTHORIZER_BROKEN, Refusal, UNAUTHORIZED } from './refusal.js';
import { mappedValue } from './variables.js';

const MOST_RESULTS = 10_000;

/** What an authorizer function must answer; numbers and booleans of its context arrive as text. */
const outputSchema = z.object({
  principalId: z.string(),
  policyDocument: policySchema,
  context: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]).transform(String)).optional(),
  usageIdentifierKey: z.string().nullish(),
});

export type AuthorizerOutput = z.output<typeof outputSchema>;

interface Remembered {
  readonly output: AuthorizerOutput;
  readonly until: number;
}

/** Lets callers in by the word of a function, and remembers it for as long as the authorizer says. */
export class LambdaAuthorizer {
  private readonly results = new Map<string, Remembered>();

  constructor(
    private readonly functions: SandboxFunctions,
    private readonly clock: SandboxClock,
  ) {}

  async authorize(authorizer: Authorizer, call: RoutedCall): Promise<Caller> {
    const { principalId, policyDocument, context, usageIdentifierKey } = await this.output(authorizer, call);
    refuseUnlessAllowed(policyDocument, methodArn(call));
    return { principalId, context: context ?? {}, ...(usageIdentifierKey && { usageIdentifierKey }) };
  }

  /** Callers are told apart by the authorizer's identity sources; without all of them nobody is asked. */
  async output(authorizer: Authorizer, call: RoutedCall): Promise<AuthorizerOutput> {
    const identity = identityOf(authorizer, call);
    const ttl = authorizer.authorizerResultTtlInSeconds ?? 0;
    const name = JSON.stringify([call.apiId, call.stage.stageName, authorizer.id, ...identity]);
    const held = this.results.get(name);
    if (held && ttl > 0 && held.until > this.clock.now().getTime()) return held.output;
    const output = await this.ask(authorizer, call, identity[0] ?? '');
    if (this.results.size >= MOST_RESULTS) this.results.clear();
    if (ttl > 0) this.results.set(name, { output, until: this.clock.now().getTime() + ttl * 1000 });
    return output;
  }

  /** Forgets what was said of a stage's callers. */
  flush(apiId: string, stageName: string): void {
    const start = JSON.stringify([apiId, stageName]).slice(0, -1);
    for (const name of this.results.keys()) if (name.startsWith(start)) this.results.delete(name);
  }

  private async ask(authorizer: Authorizer, call: RoutedCall, token: string): Promise<AuthorizerOutput> {
    const answer = await this.answerOf(authorizer, authorizerEvent(authorizer, call, token));
    const read = outputSchema.safeParse(answer);
    if (!read.success) throw AUTHORIZER_BROKEN();
    return read.data;
  }

  /** An error with the very text `Unauthorized` is the function's way to say no. */
  private async answerOf(authorizer: Authorizer, event: object): Promise<unknown> {
    try {
      return await invoke(this.functions, authorizer.authorizerUri, event);
    } catch (error) {
      if (error instanceof Error && error.message === 'Unauthorized') throw UNAUTHORIZED();
      if (error instanceof NoSuchFunction) throw AUTHORIZER_BROKEN();
      throw new Refusal('AUTHORIZER_FAILURE', 'AuthorizerConfigurationException', null);
    }
  }
}

function refuseUnlessAllowed(policy: Policy, arn: string): void {
  const decision = decide(policy, arn);
  if (decision === 'allowed') return;
  const how = decision === 'denied explicitly' ? ' with an explicit deny' : '';
  const text = `User is not authorized to access this resource${how}`;
  throw new Refusal('ACCESS_DENIED', 'AccessDeniedException', text);
}

function identityOf({ type, identitySource = '', identityValidationExpression }: Authorizer, call: Call): string[] {
  const sources = identitySource
    .split(',')
    .map((source) => source.trim())
    .filter(Boolean);
  const values = sources.map((source) => mappedValue(source, { call }));
  const present = values.filter((value) => value !== undefined && value !== '').map(String);
  if (present.length < sources.length) throw UNAUTHORIZED();
  const expected = type === 'TOKEN' && identityValidationExpression;
  if (expected && !new RegExp(`^(?:${expected})$`).test(present[0] ?? '')) throw UNAUTHORIZED();
  return present;
}
