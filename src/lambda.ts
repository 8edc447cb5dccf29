import 'reflect-metadata';
import { isUtf8 } from 'node:buffer';
import { setTimeout as pause } from 'node:timers/promises';
import { awsLambdaFastify } from '@fastify/aws-lambda';
import { type INestApplicationContext, Logger, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { APP_OPTIONS, dress, httpAdapter } from './app.js';
import { appModule } from './app.module.js';
import { Config, configModule, lambdaHandler } from './config.js';
import { KeyForToken } from './keys/key-for-token.service.js';
import { KeysModule } from './keys/keys.module.js';
import { createLogger, describeFault } from './log.js';
import { brief } from './operation/preflight/finding.js';
import { PreflightModule } from './operation/preflight/preflight.module.js';
import { Preflight } from './operation/preflight/preflight.service.js';
import { claimChanges } from './subscriptions/pool/token-claims.js';
import { Welcome } from './subscriptions/pool/welcome.service.js';
import { SubscriptionsModule } from './subscriptions/subscriptions.module.js';
import { type DepartureOutcome, Departures } from './subscriptions/sweep/departures.service.js';
import { SweepModule } from './subscriptions/sweep/sweep.module.js';
import type { SweepReport } from './subscriptions/sweep/sweep-report.js';
import { Sweeper } from './subscriptions/sweep/sweeper.service.js';

/** Cognito waits for five seconds, the start of a process included. */
const TRIGGER_MILLISECONDS = 3500;

/** How requests and answers pass between API Gateway and the server. An answer that is no text travels as base64. */
export const PASSING = {
  decorateRequest: false,
  parseCommaSeparatedQueryParams: false, // a query in a URL may hold commas
  enforceBase64: ({ rawPayload }: { readonly rawPayload: Buffer }) => !isUtf8(rawPayload),
};

const logger = new Logger('Lambda');

/** Made once in the life of an instance, at its start or by the first invocation; what failed is tried again by the next. */
class Once<T> {
  private making: Promise<T> | null = null;

  constructor(private readonly make: () => Promise<T>) {}

  get(): Promise<T> {
    this.making ??= Promise.resolve()
      .then(this.make)
      .catch((error: unknown) => {
        this.making = null;
        throw error;
      });
    return this.making;
  }
}

const server = new Once(async () => {
  const config = Config.read();
  const app = await NestFactory.create<NestFastifyApplication>(appModule(config), httpAdapter(config), {
    ...APP_OPTIONS,
    logger: createLogger(config),
  });
  await dress(app).init();
  const fastify: FastifyInstance = app.getHttpAdapter().getInstance();
  await fastify.ready();
  return awsLambdaFastify<HttpEvent>(fastify, { ...PASSING });
});

@Module({})
class LambdaServices {}

const services = new Once<INestApplicationContext>(() => {
  const config = Config.read();
  const imports = [configModule(config), SubscriptionsModule, SweepModule, KeysModule, PreflightModule];
  const options = { logger: createLogger(config), abortOnError: false };
  return NestFactory.createApplicationContext({ module: LambdaServices, imports }, options);
});

/** A request as API Gateway hands it on: version 2.0 of an HTTP API, or version 1.0, which REST APIs have. */
export type HttpEvent = Readonly<Record<string, unknown>>;

/** What is answered to API Gateway. */
export interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isBase64Encoded?: boolean;
}

/** The server: GraphQL, its pages, health. */
export async function http(event: HttpEvent, context: never): Promise<HttpAnswer> {
  const handle = await server.get();
  return handle(event, context);
}

interface TriggerEvent {
  readonly version: string;
  readonly triggerSource: string;
  readonly userName: string;
  readonly request: { readonly userAttributes: Readonly<Record<string, string>> };
  response: object;
}

/** Cognito's PostConfirmation trigger: `DEFAULT_PLAN` for whoever has signed up. It holds nobody up and turns nobody away. */
export async function postConfirmation<Event extends TriggerEvent>(event: Event): Promise<Event> {
  if (event.triggerSource !== 'PostConfirmation_ConfirmSignUp') return event;
  const who = { sub: event.request.userAttributes.sub ?? '', username: event.userName };
  const welcomed = services.get().then((app) => app.get(Welcome).newcomer(who));
  const failed = (error: unknown) => logger.error({ newcomer: who.sub, fault: describeFault(error) });
  const isLate = await Promise.race([welcomed.catch(failed), pause(TRIGGER_MILLISECONDS, true, { ref: false })]);
  // At once: Lambda may stop the instance before the rest of it can say anything.
  if (isLate) failed(new Error('It took longer than Cognito waits; whether the plan is recorded is not known yet'));
  return event;
}

/** Cognito's PreTokenGeneration trigger from version 2 on: plan and key in the ID and the access token. It asks nobody. */
export async function preTokenGeneration<Event extends TriggerEvent>(event: Event): Promise<Event> {
  if (event.version === '1') return event; // knows ID tokens alone, and in a form of its own
  try {
    const changes = claimChanges(event.request.userAttributes);
    const claimsAndScopeOverrideDetails = { idTokenGeneration: changes, accessTokenGeneration: changes };
    return { ...event, response: { ...event.response, claimsAndScopeOverrideDetails } };
  } catch (error) {
    logger.error({ fault: describeFault(error) });
    return event;
  }
}

interface SweepOrder {
  readonly dryRun?: boolean;
  readonly confirm?: boolean;
}

/**
 * One sweep and one look at the account, by a schedule. Fails when somebody has to look: a sweep that did not end, keys
 * that were held back, an unsafe user pool. Warnings and what was not answered are in the log.
 */
export async function sweep({ dryRun, confirm }: SweepOrder = {}): Promise<Omit<SweepReport, 'drift'>> {
  const app = await services.get();
  const { drift: _drift, ...report } = await app
    .get(Sweeper)
    .sweep({ isDryRun: dryRun === true, confirm: confirm === true });
  const { unsafe, tolerated, warnings, unanswered } = await app
    .get(Preflight)
    .look(async () => ({ all: report.keys, enabledNames: null }));
  for (const finding of unsafe) logger.error({ unsafe: brief(finding) });
  for (const finding of tolerated) logger.log({ allowed: brief(finding) }); // no warning: an alarm would never end
  for (const finding of warnings) logger.warn({ warning: brief(finding) });
  if (unanswered.length > 0) logger.warn({ unanswered });
  if (report.heldBack > 0) throw new Error(`${report.heldBack} keys would be switched off at once, and none was`);
  if (unsafe.length > 0) throw new Error(`Unsafe: ${[...new Set(unsafe.map(({ name }) => name))].join(', ')}`);
  return report;
}

/** EventBridge, with CloudTrail's record of DeleteUser or AdminDeleteUser: the keys die within minutes. */
export async function userDeleted({ detail }: { readonly detail?: unknown }): Promise<DepartureOutcome> {
  const app = await services.get();
  const outcome = await app.get(Departures).of(detail);
  logger.log({ userDeleted: outcome });
  return outcome;
}

interface AuthorizerEvent {
  readonly methodArn: string;
  /** Of a TOKEN authorizer. */
  readonly authorizationToken?: string;
  /** Of a REQUEST authorizer. */
  readonly headers?: Readonly<Record<string, string>> | null;
}

/** A Lambda authorizer for an API whose key comes from here (`apiKeySource: AUTHORIZER`): the token alone is enough. */
export async function authorizer({ methodArn, authorizationToken, headers }: AuthorizerEvent) {
  const app = await services.get();
  const [, header = ''] = Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === 'authorization') ?? [];
  const admitted = await app.get(KeyForToken).admit(authorizationToken ?? header);
  if (!admitted) throw new Error('Unauthorized'); // API Gateway knows this very text
  const { sub, plan, value } = admitted;
  // The answer is kept for the token, whatever it is used for next: it must speak of all methods of the stage.
  const Resource = `${methodArn.split('/').slice(0, 2).join('/')}/*`;
  return {
    principalId: sub,
    policyDocument: { Version: '2012-10-17', Statement: [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource }] },
    context: { sub, plan },
    usageIdentifierKey: value.reveal(),
  };
}

/** Lambda gives more of a processor while an instance starts than it does later. */
function warmUp(handler: string | null): void {
  if (handler === null || handler === 'preTokenGeneration') return;
  const starting: Promise<unknown> = handler === 'http' ? server.get() : services.get();
  starting.catch((error: unknown) => logger.error({ start: describeFault(error) }));
}

warmUp(lambdaHandler());
