import { Injectable, Logger } from '@nestjs/common';
import { Config } from '../config.js';
import { UnauthenticatedError } from '../problem.js';
import { Authenticator } from './authenticator.service.js';
import type { Caller } from './caller.js';
import { networkOf } from './limits/address.js';
import { CallerLimits } from './limits/caller-limits.service.js';
import type { CallerRequest } from './request-of.js';

/** A request with where it came from. */
export interface ArrivingRequest extends CallerRequest {
  readonly ip: string;
}

/** What every request meets before anything reads its body. */
@Injectable()
export class Reception {
  private readonly logger = new Logger(Reception.name);
  private hasWarned = false;

  constructor(
    private readonly authenticator: Authenticator,
    private readonly limits: CallerLimits,
    private readonly config: Config,
  ) {}

  /** Whether it is known already, without a wait, who is calling. */
  recognises(request: ArrivingRequest): boolean {
    return this.authenticator.recognises(request);
  }

  /**
   * Finds out who is calling; null = nobody, or somebody whose token is not good, which is for the guard to say.
   * @throws TryAgainError when nobody can tell whether the token is good.
   */
  async identify(request: ArrivingRequest): Promise<Caller | null> {
    return this.authenticator.authenticate(request).catch((error: unknown) => {
      if (error instanceof UnauthenticatedError) return null;
      throw error;
    });
  }

  /** @throws TooOftenError when too many requests without a good token came from there. */
  async countAnonymous(request: ArrivingRequest): Promise<void> {
    this.warnOfProxy(request);
    await this.limits.anonymousRequest(networkOf(request.ip));
  }

  /** Behind a proxy that is not trusted, everybody would be counted as that proxy. */
  private warnOfProxy({ headers, ip }: ArrivingRequest): void {
    const forwarded = headers['x-forwarded-for'];
    if (this.hasWarned || this.config.trustProxy !== null || forwarded === undefined) return;
    if (forwarded === ip || this.config.isOnLambda) return; // API Gateway tells the address beside the request
    this.hasWarned = true;
    this.logger.warn('Requests come through a proxy: set TRUST_PROXY, or all of them count as one address');
  }
}
