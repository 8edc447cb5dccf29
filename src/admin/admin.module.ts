import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { AuditResolver } from './audit.resolver.js';

@Module({ imports: [AuditModule], providers: [AuditResolver] })
export class AdminModule {}
