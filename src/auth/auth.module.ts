import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AwsModule } from '../aws/aws.module.js';
import { ClockModule } from '../clock.js';
import { AccessGuard } from './access.guard.js';
import { Admins } from './admins.service.js';
import { Authenticator } from './authenticator.service.js';

@Module({
  imports: [AwsModule, ClockModule],
  providers: [Admins, Authenticator, { provide: APP_GUARD, useClass: AccessGuard }],
  exports: [Authenticator],
})
export class AuthModule {}
