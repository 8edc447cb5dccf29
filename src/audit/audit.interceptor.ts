import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { GqlExecutionContext } from '@nestjs/graphql';
import type { GraphQLResolveInfo } from 'graphql';
import { type Observable, tap } from 'rxjs';
import { requestOf } from '../auth/request-of.js';
import { AwsUnavailableError } from '../aws/failures.js';
import { Refusal } from '../problem.js';
import { AuditTrail } from './audit-trail.js';

/** What may be told of a mutation's arguments, and its form: a key's value typed in the wrong place has another. */
const SUBJECTS = { plan: /^[a-z0-9-]{1,32}$/, keyId: /^[a-z0-9]{1,12}$/, graceSeconds: /^-?\d+$/ };

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
        error: (error: unknown) => record(outcomeOf(error)),
      }),
    );
  }
}

function outcomeOf(error: unknown): string {
  if (error instanceof AwsUnavailableError) return 'TRY_AGAIN';
  return error instanceof Refusal ? error.code : 'FAULT';
}

function subjectOf(args: Readonly<Record<string, unknown>>): Record<string, string | number> {
  const subject: Record<string, string | number> = {};
  for (const [name, form] of Object.entries(SUBJECTS)) {
    const value = args[name];
    if (typeof value !== 'string' && typeof value !== 'number') continue;
    subject[name] = form.test(String(value)) ? value : '(malformed)';
  }
  return subject;
}
