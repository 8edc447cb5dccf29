import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { Clock, ClockModule } from '../clock.js';
import { Config } from '../config.js';
import { MetricsModule } from '../metrics.js';
import { AuditArchive } from './archive/audit-archive.js';
import { FileArchive } from './archive/file-archive.js';
import { MemoryArchive } from './archive/memory-archive.js';
import { AuditReader } from './audit-reader.service.js';
import { LogSink } from './audit-sink.js';
import { AuditTrail } from './audit-trail.js';
import { AuditPlugin } from './recording/audit.plugin.js';

const archive = {
  provide: AuditArchive,
  inject: [Config, Clock],
  useFactory: ({ auditFile }: Config, clock: Clock) =>
    auditFile ? new FileArchive(auditFile, clock) : new MemoryArchive(),
};

@Module({
  imports: [AuthModule, ClockModule, MetricsModule],
  providers: [archive, AuditPlugin, AuditReader, AuditTrail, LogSink],
  exports: [AuditPlugin, AuditReader],
})
export class AuditModule {}
