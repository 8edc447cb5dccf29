import type { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import type { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { currentTrace } from '../request-trace.js';
import { currentSpan } from '../tracing/span.js';

const FORM = /^[A-Za-z0-9-]{1,64}$/;
const FIRST = { step: 'initialize', name: 'noteRequestId' } as const;

/** Has the request that a call is made for remember what AWS called the call: nothing else of the reply is looked at. */
export function noteRequestIds(gateway: APIGatewayClient, cognito: CognitoIdentityProviderClient): void {
  gateway.middlewareStack.add((next) => async (args) => noted(next(args)), FIRST);
  cognito.middlewareStack.add((next) => async (args) => noted(next(args)), FIRST);
}

async function noted<T extends { readonly output: object }>(calling: Promise<T>): Promise<T> {
  try {
    const reply = await calling;
    note(reply.output);
    return reply;
  } catch (error) {
    note(error);
    throw error;
  }
}

/** Replies and the SDK's errors have it alike. */
function note(said: unknown): void {
  if (typeof said !== 'object' || said === null || !('$metadata' in said)) return;
  const { requestId } = said.$metadata as { readonly requestId?: unknown };
  if (typeof requestId !== 'string' || !FORM.test(requestId)) return;
  currentTrace()?.noteAwsCall(requestId);
  currentSpan()?.set('aws.request_id', requestId);
}
