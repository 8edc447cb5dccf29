import { ConfirmSignUpCommand, SignUpCommand } from '@aws-sdk/client-cognito-identity-provider';
import { Logger } from '@nestjs/common';
import * as lambda from '../../src/lambda.js';
import { CLIENT_ID, USER_POOL_ID } from '../../src/sandbox/seed.js';
import type { SandboxOptions } from '../../src/sandbox/server.js';
import type { Customer } from '../support/customer.js';
import { World } from '../support/world.js';

export const PASSWORD = 'Test-Passw0rd';

let count = 0;

/** A world whose user pool has our triggers, and whose account has our authorizer; this process is on Lambda, for all it knows. */
export async function worldWithHandlers(options: Partial<SandboxOptions> = {}): Promise<World> {
  const triggers = { PostConfirmation: lambda.postConfirmation, PreTokenGenerationV2: lambda.preTokenGeneration };
  const settings = { DEFAULT_PLAN: 'free', LOG_LEVEL: 'error' };
  const world = await World.start(settings, [], { triggers, functions: { authorizer: lambda.authorizer }, ...options });
  process.env.AWS_LAMBDA_FUNCTION_NAME = 'a-test';
  return world;
}

/** What is logged from here on the test can look at; an application that starts takes the logger over. */
export function listen(world: World): void {
  Logger.overrideLogger(world.log);
}

export async function endOf(world: World): Promise<void> {
  delete process.env.AWS_LAMBDA_FUNCTION_NAME;
  delete process.env.DEFAULT_PLAN;
  await world.close();
}

/** Signs somebody up, who confirms the address and signs in. */
export async function signUp(world: World): Promise<Customer> {
  const email = `newcomer-${++count}@example.com`;
  const account = { ClientId: CLIENT_ID, Username: email };
  const UserAttributes = [{ Name: 'email', Value: email }];
  await world.cognito.send(new SignUpCommand({ ...account, Password: PASSWORD, UserAttributes }));
  await world.cognito.send(new ConfirmSignUpCommand({ ...account, ConfirmationCode: codeFor(world, email) }));
  return world.signIn(email);
}

export function codeFor(world: World, email: string): string {
  return world.sandbox.mail().findLast(({ to }) => to === email)?.code ?? '';
}

/** What Cognito calls the trigger with. */
export function confirmation({ sub, username, email }: Customer) {
  return {
    version: '1',
    triggerSource: 'PostConfirmation_ConfirmSignUp',
    region: 'us-east-1',
    userPoolId: USER_POOL_ID,
    userName: username,
    callerContext: { awsSdkVersion: 'aws-sdk-unknown-unknown', clientId: CLIENT_ID },
    request: { userAttributes: { sub, 'cognito:user_status': 'CONFIRMED', email_verified: 'true', email } },
    response: {},
  };
}
