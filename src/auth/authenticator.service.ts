import { Injectable } from '@nestjs/common';
import { CognitoJwtVerifier } from 'aws-jwt-verify';
import {
  FetchError,
  JwksNotAvailableInCacheError,
  JwksValidationError,
  JwkValidationError,
  JwtBaseError,
  KidNotFoundInJwksError,
} from 'aws-jwt-verify/error';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import type { CognitoJwtPayload } from 'aws-jwt-verify/jwt-model';
import { Clock } from '../clock.js';
import { Config } from '../config.js';
import { Refusal, TryAgainError, UnauthenticatedError } from '../problem.js';
import type { Caller } from './caller.js';
import type { CallerRequest } from './request-of.js';
import { JwksFetcher } from './tokens/jwks-fetcher.js';
import { PoolKeys } from './tokens/pool-keys.js';
import { callerOf, type Jwt, oddityOf } from './tokens/token-claims.js';
import { VerifiedTokens } from './tokens/verified-tokens.js';

const BEARER = /^Bearer +([A-Za-z0-9_.=-]{1,16000})$/i;
/** API Gateway's own authorizers take a token with or without it. */
const MAYBE_BEARER = /^(?:Bearer +)?([A-Za-z0-9_.=-]{1,16000})$/i;

/**
 * aws-jwt-verify's own box refuses every unknown key for ten seconds after one that nobody knows, so that anybody could
 * lock out all users just when Cognito changes its key. The fetcher limits how often the keys are fetched instead.
 */
const noPenalty = { wait: async () => {}, registerFailedAttempt: () => {}, registerSuccessfulAttempt: () => {} };

/** A verified token. */
export interface ReadToken {
  readonly caller: Caller;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Turns a request's token into a Caller. */
@Injectable()
export class Authenticator {
  private readonly verifier;
  private readonly keys: PoolKeys;
  private readonly tokens: VerifiedTokens;
  /** What aws-jwt-verify does not look for. */
  private readonly checks = {
    customJwtCheck: (jwt: Jwt): void => {
      if (oddityOf(jwt, this.clock.seconds()) !== null) throw new UnauthenticatedError();
    },
  };

  constructor(
    private readonly config: Config,
    private readonly clock: Clock,
  ) {
    this.tokens = new VerifiedTokens(clock);
    const fetcher = new JwksFetcher(config.jwksOrigin, clock, () => this.tokens.newKeys());
    const jwksCache = new SimpleJwksCache({ fetcher, penaltyBox: noPenalty });
    this.verifier = CognitoJwtVerifier.create(
      { userPoolId: config.userPoolId, tokenUse: config.tokenUse, clientId: [...config.clientIds] },
      { jwksCache },
    );
    const { jwksUri } = CognitoJwtVerifier.parseUserPoolId(config.userPoolId);
    this.keys = new PoolKeys(async () => {
      await jwksCache.getJwks(jwksUri);
      // A token with the issuer's other form has its keys fetched from there when it comes, as not every network leads there.
      const others = fetcher.uris.filter((uri) => uri !== jwksUri);
      await Promise.allSettled(others.map((uri) => jwksCache.getJwks(uri)));
      this.tokens.newKeys(); // what was verified between the fetch and the cache was verified with the old ones
    }, clock);
  }

  /** Loads the pool's public keys, unless they are there. @throws when there are none, and none can be had. */
  async hydrate(): Promise<void> {
    await this.keys.ensure();
  }

  /** Whether it can be told without a wait who is calling; the answer is on the request then. */
  recognises(request: CallerRequest): boolean {
    const { authorization } = request.headers;
    if (request.caller === undefined && authorization !== undefined && !request.refusal && this.keys.areFresh) {
      const caller = this.tokens.get(authorization) ?? this.verifiedAtOnce(request, authorization);
      if (caller) request.caller = caller;
    }
    return request.caller !== undefined;
  }

  /**
   * Null when no token was sent; the answer is kept on the request, so that whoever asks again does not verify again.
   * @throws UnauthenticatedError for any token that is not good, TryAgainError when the keys cannot be had.
   */
  async authenticate(request: CallerRequest): Promise<Caller | null> {
    if (this.recognises(request)) return request.caller ?? null;
    if (request.refusal) throw request.refusal;
    try {
      request.caller = await this.callerOf(request);
      return request.caller;
    } catch (error) {
      if (error instanceof Refusal) request.refusal = error;
      throw error;
    }
  }

  /**
   * Whose token that is, and all that it says, where there is no request to keep it on.
   * @throws UnauthenticatedError for any token that is not good, TryAgainError when the keys cannot be had.
   */
  async read(authorization: string): Promise<ReadToken> {
    const token = MAYBE_BEARER.exec(authorization)?.[1];
    if (token === undefined) throw new UnauthenticatedError();
    const claims = await this.verified(token);
    return { caller: callerOf(claims, this.config.adminGroup), claims };
  }

  /** Null = it takes a wait, or the token is not good; that is on the request then. */
  private verifiedAtOnce(request: CallerRequest, authorization: string): Caller | null {
    try {
      return this.accepted(authorization, this.verifier.verifySync(tokenIn(authorization), this.checks));
    } catch (error) {
      if (!isKeysMissing(error)) request.refusal = new UnauthenticatedError();
      return null;
    }
  }

  private async callerOf({ headers: { authorization } }: CallerRequest): Promise<Caller | null> {
    if (authorization === undefined) return null;
    const { age } = this.tokens;
    return this.accepted(authorization, await this.verified(tokenIn(authorization)), age);
  }

  private accepted(authorization: string, payload: CognitoJwtPayload, age = this.tokens.age): Caller {
    const caller = callerOf(payload, this.config.adminGroup);
    this.tokens.put(authorization, caller, payload.exp, age);
    return caller;
  }

  private async verified(token: string) {
    try {
      await this.keys.ensure();
      return await this.verifier.verify(token, this.checks);
    } catch (error) {
      throw isKeysUnavailable(error) ? new TryAgainError(5, { cause: error }) : new UnauthenticatedError();
    }
  }
}

/** @throws UnauthenticatedError when there is none in it. */
function tokenIn(authorization: string): string {
  const token = BEARER.exec(authorization)?.[1];
  if (token === undefined) throw new UnauthenticatedError();
  return token;
}

/** Keys that may be had by asking Cognito for them. */
function isKeysMissing(error: unknown): boolean {
  return error instanceof KidNotFoundInJwksError || isKeysUnavailable(error);
}

/** The trouble is with fetching the keys, not with the token. Anything unknown is never taken for a good token. */
function isKeysUnavailable(error: unknown): boolean {
  const infrastructure = [FetchError, JwksValidationError, JwkValidationError, JwksNotAvailableInCacheError];
  return (
    infrastructure.some((kind) => error instanceof kind) ||
    !(error instanceof JwtBaseError || error instanceof UnauthenticatedError)
  );
}
