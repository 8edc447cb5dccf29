import type { Server } from 'node:http';
import { Injectable, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost, ModuleRef } from '@nestjs/core';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import { AuthModule } from '../auth/auth.module.js';
import { Authenticator } from '../auth/authenticator.service.js';
import { AwsModule } from '../aws/aws.module.js';
import { Governor } from '../aws/governor.js';
import { Clock, ClockModule } from '../clock.js';
import { Config } from '../config.js';
import { Metrics, MetricsModule } from '../metrics.js';
import { contentPolicy } from '../operation/content-policy.js';
import { OperationModule } from '../operation/operation.module.js';
import { ReadinessService } from '../operation/readiness.service.js';
import { RequestTrace, traced } from '../request-trace.js';
import { formatError } from './format-error.js';
import { GRAPHQL_PATH } from './http-status.js';
import { CORRELATION_HEADER, POLICY_HEADER, SECURITY_HEADERS } from './reply-headers.js';
import { type LaneParts, TrustedLane } from './trusted-lane.js';
import { TRUSTED_OPERATIONS } from './trusted-operations.js';

const OK = 200;

/** Puts the trusted lane in front of the server, once there is a schema. */
@Injectable()
export class LaneAttachment implements OnApplicationBootstrap {
  /** Null = every request goes the general way. */
  lane: TrustedLane | null = null;

  constructor(
    private readonly adapter: HttpAdapterHost,
    private readonly modules: ModuleRef,
    private readonly authenticator: Authenticator,
    private readonly governor: Governor,
    private readonly readiness: ReadinessService,
    private readonly metrics: Metrics,
    private readonly clock: Clock,
    private readonly config: Config,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.traces || this.config.isOnLambda) return; // every request is to have its spans; nobody listens there
    const server: Server | undefined = this.adapter.httpAdapter?.getHttpServer();
    const [general] = server?.listeners('request') ?? [];
    if (!server || !general) return;
    const { schema } = this.modules.get(GraphQLSchemaHost, { strict: false });
    const lane = new TrustedLane(schema, formatError, this.parts());
    for (const text of TRUSTED_OPERATIONS) lane.trust(text);
    this.lane = lane;
    server.removeAllListeners('request');
    server.on(
      'request',
      lane.before((request, response) => Reflect.apply(general, server, [request, response])),
    );
  }

  private parts(): LaneParts {
    const { httpRequests, graphqlOperations, laneAnswers } = this.metrics;
    const origins = new Set(this.config.corsOrigins);
    const shared = Object.entries({
      vary: 'Origin',
      'access-control-expose-headers': CORRELATION_HEADER,
      'content-type': 'application/json; charset=utf-8',
      ...SECURITY_HEADERS,
      [POLICY_HEADER]: contentPolicy(),
      'cache-control': 'no-store',
    }).flat();
    return {
      recognises: (request) => this.authenticator.recognises(request),
      isOpen: () => !this.readiness.isDraining,
      within: (correlationId, work) => traced(new RequestTrace(correlationId, this.governor.requestEnd()), work),
      headersFor: (origin, correlationId) => [
        ...shared,
        CORRELATION_HEADER,
        correlationId,
        ...(origin !== undefined && origins.has(origin) ? ['access-control-allow-origin', origin] : []),
      ],
      answered: ({ code }, { fields }, seconds) => {
        laneAnswers.inc();
        httpRequests.observe({ route: GRAPHQL_PATH, status: OK }, seconds);
        for (const field of fields) graphqlOperations.inc({ field, outcome: code ?? 'ok' });
      },
      now: () => this.clock.now().getTime(),
    };
  }
}

@Module({ imports: [AuthModule, AwsModule, ClockModule, MetricsModule, OperationModule], providers: [LaneAttachment] })
export class LaneModule {}
