import { Args, Query, Resolver } from '@nestjs/graphql';
import { AuditEventConnection, AuditEventsArgs } from '../audit/audit.model.js';
import { AuditReader } from '../audit/audit-reader.service.js';
import { AdminOnly } from '../auth/access.decorator.js';

@AdminOnly()
@Resolver()
export class AuditResolver {
  constructor(private readonly reader: AuditReader) {}

  @Query(() => AuditEventConnection, {
    description: 'Who did what: one event for each mutation, refused ones too, the newest first. For admins.',
  })
  auditEvents(@Args() args: AuditEventsArgs): Promise<AuditEventConnection> {
    return this.reader.page(args);
  }
}
