import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { ClockModule } from '../clock.js';
import { AccessGuard } from './access.guard.js';
import { Authenticator } from './authenticator.service.js';

@Module({
  imports: [ClockModule],
  providers: [Authenticator, { provide: APP_GUARD, useClass: AccessGuard }],
  exports: [Authenticator],
})
export class AuthModule {}
