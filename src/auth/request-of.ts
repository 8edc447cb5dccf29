import type { IncomingHttpHeaders } from 'node:http';
import type { ExecutionContext } from '@nestjs/common';
import { GqlExecutionContext } from '@nestjs/graphql';
import type { GraphQLResolveInfo } from 'graphql';
import type { Refusal } from '../problem.js';
import type { Caller } from './caller.js';

/** The part of a request that auth reads and writes. */
export interface CallerRequest {
  readonly headers: IncomingHttpHeaders;
  caller?: Caller | null;
  /** Why the token was turned away. */
  refusal?: Refusal;
}

/** The HTTP request behind a GraphQL field or a plain route. */
export function requestOf(context: ExecutionContext): CallerRequest {
  if (context.getType<string>() !== 'graphql') return context.switchToHttp().getRequest<CallerRequest>();
  return GqlExecutionContext.create(context).getContext<{ req: CallerRequest }>().req;
}

/** Whether the guard stands before a field of the root type Mutation. */
export function isMutation(context: ExecutionContext): boolean {
  if (context.getType<string>() !== 'graphql') return false;
  const { parentType, schema } = GqlExecutionContext.create(context).getInfo<GraphQLResolveInfo>();
  return parentType === schema.getMutationType();
}
