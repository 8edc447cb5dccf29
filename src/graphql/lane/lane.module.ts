import type { Server } from 'node:http';
import { Injectable, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost, ModuleRef } from '@nestjs/core';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import { AuthModule } from '../../auth/auth.module.js';
import { AwsModule } from '../../aws/aws.module.js';
import { ClockModule } from '../../clock.js';
import { Config } from '../../config.js';
import { MetricsModule } from '../../metrics.js';
import { OperationModule } from '../../operation/operation.module.js';
import { UsageModule } from '../../usage/usage.module.js';
import { KnownQueries, KnownQueriesModule } from './known-queries.js';
import { LaneCounts } from './lane-counts.js';
import { LaneReplies } from './lane-replies.js';
import { ServerParts } from './server-parts.service.js';
import { TrustedLane } from './trusted-lane.js';
import { TRUSTED_OPERATIONS } from './trusted-operations.js';

/** Puts the trusted lane in front of the server, once there is a schema. */
@Injectable()
export class LaneAttachment implements OnApplicationBootstrap {
  constructor(
    private readonly adapter: HttpAdapterHost,
    private readonly modules: ModuleRef,
    private readonly known: KnownQueries,
    private readonly parts: ServerParts,
    private readonly config: Config,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.traces || this.config.isOnLambda) return; // every request is to have its spans; nobody listens there
    const server: Server | undefined = this.adapter.httpAdapter?.getHttpServer();
    const [general] = server?.listeners('request') ?? [];
    if (!server || !general) return;
    const { schema } = this.modules.get(GraphQLSchemaHost, { strict: false });
    for (const text of TRUSTED_OPERATIONS) this.known.trust(schema, text);
    const lane = new TrustedLane(this.known, this.parts);
    server.removeAllListeners('request');
    server.on(
      'request',
      lane.before((request, response) => Reflect.apply(general, server, [request, response])),
    );
  }
}

@Module({
  imports: [AuthModule, AwsModule, ClockModule, KnownQueriesModule, MetricsModule, OperationModule, UsageModule],
  providers: [LaneAttachment, LaneCounts, LaneReplies, ServerParts],
})
export class LaneModule {}
