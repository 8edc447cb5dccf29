import { randomUUID } from 'node:crypto';
import type { ApolloServerPlugin } from '@apollo/server';
import { unwrapResolverError } from '@apollo/server/errors';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { type DynamicModule, Logger } from '@nestjs/common';
import { GraphQLModule } from '@nestjs/graphql';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { AuditModule } from './audit/audit.module.js';
import { AuditPlugin } from './audit/recording/audit.plugin.js';
import { AuthModule } from './auth/auth.module.js';
import { Authenticator } from './auth/authenticator.service.js';
import type { CallerRequest } from './auth/request-of.js';
import { AwsUnavailableError, KeyQuotaExceededError } from './aws/failures.js';
import { Config } from './config.js';
import { asksForSchema, documentLimits, MAX_TOKENS, rootFields } from './graphql/document-limits.js';
import { GRAPHQL_PATH, httpStatus } from './graphql/http-status.js';
import { operationWatch } from './graphql/operation-watch.js';
import { describeFault } from './log.js';
import { Metrics, MetricsModule } from './metrics.js';
import { graphiqlPage } from './operation/graphiql-page.js';
import { AtCapacityError, BadUserInputError, ForbiddenError, Refusal, TryAgainError } from './problem.js';
import { withoutSecrets } from './redaction.js';

const MAX_VALIDATION_ERRORS = 3;
const MAX_LOCATIONS = 4;
const MAX_MESSAGE = 300;

/** Codes of Apollo and graphql-js whose messages speak of the request and of nothing else. */
const REQUEST_CODES = new Set([
  'BAD_REQUEST',
  'BAD_USER_INPUT',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_SUPPORTED',
]);

interface Context {
  readonly req: CallerRequest;
}

/** The GraphQL endpoint: what is refused before execution, and what of an error is shown. */
export function graphqlModule(): DynamicModule {
  return GraphQLModule.forRootAsync<ApolloDriverConfig>({
    driver: ApolloDriver,
    imports: [AuditModule, AuthModule, MetricsModule],
    inject: [Config, Authenticator, AuditPlugin, Metrics],
    useFactory: (config: Config, authenticator: Authenticator, audit: AuditPlugin, metrics: Metrics) => ({
      path: GRAPHQL_PATH,
      autoSchemaFile: true,
      sortSchema: true,
      buildSchemaOptions: { skipCheck: true }, // Apollo checks it once more
      graphiql: false,
      introspection: config.introspection !== 'off',
      hideSchemaDetailsFromClientErrors: config.introspection !== 'on',
      csrfPrevention: true,
      allowBatchedHttpRequests: false,
      persistedQueries: false,
      includeStacktraceInErrorResponses: false,
      stopOnTerminationSignals: false,
      autoTransformHttpErrors: false,
      preserveHttpStatusForExecutionErrors: false, // httpStatus sets it
      parseOptions: { maxTokens: MAX_TOKENS },
      validationRules: [documentLimits],
      validationOptions: { maxErrors: MAX_VALIDATION_ERRORS },
      context: (req: FastifyRequest, reply: FastifyReply) => ({ req, reply }),
      plugins: [
        httpStatus,
        audit,
        operationWatch(metrics),
        oneMutationAtATime,
        ...(config.introspection === 'admin' ? [introspectionForAdmins(authenticator)] : []),
        ...(config.graphiql === 'off' ? [] : [landingPage]),
      ],
      formatError,
    }),
  });
}

/** Message, place and a documented code for what the caller can mend; a reference, and a line in the log, for the rest. */
export function formatError(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  const place = placeOf(formatted);
  const refusal = refusalOf(error);
  if (refusal) {
    const { message, code, retryAfterSeconds } = refusal;
    return { message, ...place, extensions: { code, ...(retryAfterSeconds ? { retryAfterSeconds } : {}) } };
  }
  const code = String(formatted.extensions?.code);
  if (REQUEST_CODES.has(code) && isAboutTheRequest(error)) {
    return { message: withoutSecrets(formatted.message.slice(0, MAX_MESSAGE)), ...place, extensions: { code } };
  }
  const reference = randomUUID();
  new Logger('Fault').error({ reference, path: place.path, error: describeFault(unwrapResolverError(error)) });
  return {
    message: `Something went wrong here. Reference: ${reference}`,
    ...place,
    extensions: { code: 'INTERNAL_SERVER_ERROR', reference },
  };
}

/** Where it happened, as long as that is short: names in a path are the client's own, of any length. */
function placeOf({ locations, path }: GraphQLFormattedError): Pick<GraphQLFormattedError, 'locations' | 'path'> {
  return {
    ...(locations ? { locations: locations.slice(0, MAX_LOCATIONS) } : {}),
    ...(path && path.join().length <= MAX_MESSAGE ? { path } : {}),
  };
}

function refusalOf(error: unknown): Refusal | null {
  const thrown = error instanceof GraphQLError ? (error.originalError ?? error) : error;
  if (thrown instanceof AwsUnavailableError) return new TryAgainError(thrown.retryAfterSeconds, { cause: thrown });
  if (thrown instanceof KeyQuotaExceededError) return new AtCapacityError({ cause: thrown });
  return thrown instanceof Refusal ? thrown : null;
}

/** Anything may carry a code; only what graphql-js and Apollo made themselves is known to hold nothing of ours. */
function isAboutTheRequest(error: unknown): boolean {
  return unwrapResolverError(error) instanceof GraphQLError;
}

/** Several mutations in one request would run one after the other and be answered as one: each is to be sent alone. */
const oneMutationAtATime: ApolloServerPlugin = {
  requestDidStart: async () => ({
    didResolveOperation: async ({ operation, document }) => {
      if (operation?.operation === 'subscription')
        throw turnedAway(new BadUserInputError('There are no subscriptions here; ask again.'));
      if (operation?.operation !== 'mutation' || rootFields(operation, document) === 1) return;
      throw turnedAway(new BadUserInputError('Send one mutation field per request.'));
    },
  }),
};

/** Refused before execution; what its status is httpStatus says, but without any Apollo would make a fault of it. */
function turnedAway(refusal: Refusal): GraphQLError {
  return new GraphQLError(refusal.message, { originalError: refusal, extensions: { http: { status: 200 } } });
}

function introspectionForAdmins(authenticator: Authenticator): ApolloServerPlugin<Context> {
  return {
    requestDidStart: async () => ({
      didResolveOperation: async ({ document, contextValue }) => {
        if (!asksForSchema(document)) return;
        const caller = await authenticator.authenticate(contextValue.req).catch((error: unknown) => {
          throw error instanceof Refusal ? turnedAway(error) : error;
        });
        if (!caller?.isAdmin) throw turnedAway(new ForbiddenError('The schema is shown to admins only.'));
      },
    }),
  };
}

const landingPage: ApolloServerPlugin = {
  serverWillStart: async () => ({ renderLandingPage: async () => ({ html: graphiqlPage }) }),
};
