import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { GqlExecutionContext } from '@nestjs/graphql';
import type { GraphQLResolveInfo } from 'graphql';
import { type Observable, tap } from 'rxjs';
import { requestOf } from '../auth/request-of.js';
import { Refusal } from '../problem.js';
import { AuditTrail } from './audit-trail.js';

const SUBJECTS = ['plan', 'keyId', 'graceSeconds'];

/** Records every mutation that a resolver was asked for, whatever came of it. */
@Injectable()
export class AuditInterceptor implements NestInterceptor {
  constructor(private readonly trail: AuditTrail) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType<string>() !== 'graphql') return next.handle();
    const graphql = GqlExecutionContext.create(context);
    const info = graphql.getInfo<GraphQLResolveInfo>();
    if (info.parentType !== info.schema.getMutationType()) return next.handle();
    const record = (outcome: string) =>
      this.trail.record({
        actor: requestOf(context).caller?.sub ?? 'nobody',
        mutation: info.fieldName,
        subject: subjectOf(graphql.getArgs<Record<string, unknown>>()),
        outcome,
      });
    return next.handle().pipe(
      tap({
        next: (result: object) => record(result.constructor.name),
        error: (error: unknown) => record(error instanceof Refusal ? error.code : 'FAULT'),
      }),
    );
  }
}

/** Identifiers only, shortened: what a caller types must not fill the log. */
function subjectOf(args: Readonly<Record<string, unknown>>): Record<string, string | number> {
  const subject: Record<string, string | number> = {};
  for (const name of SUBJECTS) {
    const value = args[name];
    if (typeof value === 'string') subject[name] = value.slice(0, 64);
    if (typeof value === 'number') subject[name] = value;
  }
  return subject;
}
