import { Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { AuditInterceptor } from './audit.interceptor.js';
import { AuditTrail, LogAuditTrail } from './audit-trail.js';

@Module({
  providers: [
    { provide: AuditTrail, useClass: LogAuditTrail },
    { provide: APP_INTERCEPTOR, useClass: AuditInterceptor },
  ],
  exports: [AuditTrail],
})
export class AuditModule {}
