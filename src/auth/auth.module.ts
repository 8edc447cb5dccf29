import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AwsModule } from '../aws/aws.module.js';
import { ClockModule } from '../clock.js';
import { MetricsModule } from '../metrics.js';
import { RedisModule } from '../redis.js';
import { AccessGuard } from './access.guard.js';
import { Admins } from './admins.service.js';
import { Authenticator } from './authenticator.service.js';
import { CallerLimits } from './limits/caller-limits.service.js';
import { Counts } from './limits/counts.service.js';
import { Reception } from './reception.service.js';

@Module({
  imports: [AwsModule, ClockModule, MetricsModule, RedisModule],
  providers: [Admins, CallerLimits, Counts, Reception, Authenticator, { provide: APP_GUARD, useClass: AccessGuard }],
  exports: [Authenticator, CallerLimits, Reception],
})
export class AuthModule {}
