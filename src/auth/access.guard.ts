import { type CanActivate, type ExecutionContext, Injectable, type Type } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ForbiddenError, UnauthenticatedError } from '../problem.js';
import { ACCESS, type Access } from './access.decorator.js';
import { ADMINS_ONLY, Admins } from './admins.service.js';
import { Authenticator } from './authenticator.service.js';
import { CallerLimits } from './limits/caller-limits.service.js';
import { isMutation, requestOf } from './request-of.js';

/** The one guard of the application: closed unless a route or field says otherwise. A token that is sent must be good. */
@Injectable()
export class AccessGuard implements CanActivate {
  private readonly accesses = new Map<Type, Map<ReturnType<ExecutionContext['getHandler']>, Access | undefined>>();

  constructor(
    private readonly reflector: Reflector,
    private readonly authenticator: Authenticator,
    private readonly admins: Admins,
    private readonly limits: CallerLimits,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const access = this.accessOf(context);
    const caller = await this.authenticator.authenticate(requestOf(context));
    if (access === 'public') return true;
    if (caller === null) throw new UnauthenticatedError();
    if (access === 'admin' && !caller.isAdmin) throw new ForbiddenError(ADMINS_ONLY);
    if (isMutation(context)) await this.limits.mutation(caller);
    // What an admin may read they may read as long as their token lives; what they change is changed for somebody else.
    if (isMutation(context) && access === 'admin') await this.admins.confirm(caller);
    return true;
  }

  /** What stands at the field or route, else at its class; the same for all requests. */
  private accessOf(context: ExecutionContext): Access | undefined {
    const [handler, type] = [context.getHandler(), context.getClass()];
    const known = this.accesses.get(type) ?? new Map<typeof handler, Access | undefined>();
    if (!known.has(handler)) {
      known.set(handler, this.reflector.getAllAndOverride<Access | undefined>(ACCESS, [handler, type]));
      this.accesses.set(type, known);
    }
    return known.get(handler);
  }
}
