import { randomUUID } from 'node:crypto';
import { ACCOUNT_ID } from '../rest-api/drafts.js';

/** What AWS Lambda would hand to the function beside the event, as far as it makes sense here. */
export interface FunctionContext {
  readonly functionName: string;
  readonly invokedFunctionArn: string;
  readonly awsRequestId: string;
}

/** A Lambda handler: what it returns, or what its promise brings, is its answer. */
export type SandboxFunction = (event: never, context: FunctionContext) => unknown;

/** The functions of the sandbox's account, by name. */
export type SandboxFunctions = Readonly<Record<string, SandboxFunction>>;

/** The URI under which API Gateway calls a function of the sandbox. */
export function functionUri(name: string): string {
  const functionArn = `arn:aws:lambda:us-east-1:${ACCOUNT_ID}:function:${name}`;
  return `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${functionArn}/invocations`;
}

/** Thrown where a URI names a function that was not given to the sandbox. */
export class NoSuchFunction extends Error {}

/** Calls the function a URI names; event and answer pass as JSON, as they do on AWS. */
export async function invoke(functions: SandboxFunctions, uri: string | undefined, event: object): Promise<unknown> {
  const [, arn = ''] = /\/functions\/(arn:[^/]*:function:[^/]+)\/invocations$/.exec(uri ?? '') ?? [];
  return invokeByArn(functions, arn, event);
}

/** @throws NoSuchFunction where none of that name was given to the sandbox. */
export async function invokeByArn(functions: SandboxFunctions, arn: string, event: object): Promise<unknown> {
  const functionName = /:function:([^:/]+)/.exec(arn)?.[1] ?? '';
  const handler = Object.hasOwn(functions, functionName) ? functions[functionName] : undefined;
  if (!handler) throw new NoSuchFunction(`No function named ${functionName} was given to the sandbox`);
  const called = handler as (event: unknown, context: FunctionContext) => unknown;
  const context = { functionName, invokedFunctionArn: arn, awsRequestId: randomUUID() };
  const answer = await called(JSON.parse(JSON.stringify(event)), context);
  return answer === undefined ? null : JSON.parse(JSON.stringify(answer));
}
