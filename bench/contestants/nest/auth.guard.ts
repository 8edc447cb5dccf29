import { type CanActivate, createParamDecorator, type ExecutionContext, Injectable } from '@nestjs/common';
import { GqlExecutionContext } from '@nestjs/graphql';
import { type Claims, claimsOf } from '../shared/tokens.js';

interface Authenticated {
  readonly headers: Readonly<Record<string, string | undefined>>;
  user?: Claims;
}

const requestOf = (context: ExecutionContext) =>
  GqlExecutionContext.create(context).getContext<{ req: Authenticated }>().req;

/** Nobody without a good token gets in. */
@Injectable()
export class AuthGuard implements CanActivate {
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = requestOf(context);
    try {
      request.user = await claimsOf(request.headers.authorization);
      return true;
    } catch {
      return false;
    }
  }
}

export const CurrentUser = createParamDecorator((_data: unknown, context: ExecutionContext) => requestOf(context).user);
