import type { ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { ApolloDriverConfig } from '@nestjs/apollo';
import type { DynamicModule } from '@nestjs/common';
import { GraphQLModule } from '@nestjs/graphql';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { GraphQLError } from 'graphql';
import { AuditModule } from './audit/audit.module.js';
import { AuditPlugin } from './audit/recording/audit.plugin.js';
import { AuthModule } from './auth/auth.module.js';
import { Authenticator } from './auth/authenticator.service.js';
import type { CallerRequest } from './auth/request-of.js';
import { Config } from './config.js';
import { compiledQueries, type Format } from './graphql/compiled-queries.js';
import { asksForSchema, documentLimits, MAX_TOKENS, rootFields } from './graphql/document-limits.js';
import { formatError, formatErrorUnsuggested } from './graphql/format-error.js';
import { GRAPHQL_PATH, httpStatus } from './graphql/http-status.js';
import { KnownQueries, KnownQueriesModule } from './graphql/lane/known-queries.js';
import { operationWatch } from './graphql/operation-watch.js';
import { SchemaDriver } from './graphql/schema-driver.js';
import { Metrics, MetricsModule } from './metrics.js';
import { playgroundPage } from './operation/playground/playground-page.js';
import { BadUserInputError, ForbiddenError, Refusal } from './problem.js';

const MAX_VALIDATION_ERRORS = 3;
interface Context {
  readonly req: CallerRequest;
}

/** The GraphQL endpoint: what is refused before execution, and what of an error is shown. */
export function graphqlModule(): DynamicModule {
  return GraphQLModule.forRootAsync<ApolloDriverConfig>({
    driver: SchemaDriver,
    imports: [AuditModule, AuthModule, KnownQueriesModule, MetricsModule],
    inject: [Config, Authenticator, AuditPlugin, Metrics, KnownQueries],
    useFactory: (
      config: Config,
      authenticator: Authenticator,
      audit: AuditPlugin,
      metrics: Metrics,
      known: KnownQueries,
    ) => ({
      path: GRAPHQL_PATH,
      buildSchemaOptions: { skipCheck: true }, // Apollo checks it once more
      graphiql: false,
      introspection: config.introspection !== 'off',
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
        ApolloServerPluginCacheControlDisabled(), // nobody may cache what is one customer's own
        ...nothingForApollo(),
        httpStatus,
        audit,
        operationWatch(metrics),
        oneMutationAtATime,
        compiledQueries(formatOf(config), (...query) => known.learn(...query)),
        ...(config.introspection === 'admin' ? [introspectionForAdmins(authenticator)] : []),
        ...(config.graphiql === 'off' ? [] : [landingPage(playgroundPage(config))]),
      ],
      formatError: formatOf(config),
    }),
  });
}

/** Apollo's own way to suggest nothing knows of documents only, not of variables. */
function formatOf({ introspection }: Config): Format {
  return introspection === 'on' ? formatError : formatErrorUnsuggested;
}

/** Apollo's cloud is told nothing, whatever variables of Apollo's there may be: whose queries these are is nobody else's business. */
function nothingForApollo(): ApolloServerPlugin[] {
  return [
    ApolloServerPluginUsageReportingDisabled(),
    ApolloServerPluginSchemaReportingDisabled(),
    ApolloServerPluginInlineTraceDisabled(),
  ];
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

function landingPage(html: string): ApolloServerPlugin {
  return { serverWillStart: async () => ({ renderLandingPage: async () => ({ html }) }) };
}
