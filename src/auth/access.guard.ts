import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ForbiddenError, UnauthenticatedError } from '../problem.js';
import { ACCESS, type Access } from './access.decorator.js';
import { Authenticator } from './authenticator.service.js';
import { requestOf } from './request-of.js';

/** The one guard of the application: closed unless a route or field says otherwise. A token that is sent must be good. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly authenticator: Authenticator,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const access = this.reflector.getAllAndOverride<Access | undefined>(ACCESS, [
      context.getHandler(),
      context.getClass(),
    ]);
    const caller = await this.authenticator.authenticate(requestOf(context));
    if (caller === null && access !== 'public') throw new UnauthenticatedError();
    if (access === 'admin' && caller?.isAdmin !== true) throw new ForbiddenError('This is for admins only.');
    return true;
  }
}
