import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { ServiceFailure } from '../../wire.js';
import { type Client, notAuthorized } from '../pools.js';

/** The refresh tokens of one sign-in, by their SHA-256; the tokens themselves are kept nowhere. */
export interface RefreshTokens {
  readonly refreshHash: string;
  /** Those that were replaced, and until when each may still be used; null is one that was not used yet. */
  readonly others?: readonly { readonly hash: string; readonly usableUntil: number | null }[];
}

const MOST_REMEMBERED = 100;

/** Begins with the id of its session, so that it can be found. */
export function newRefreshToken(sessionId: string): string {
  return `${Buffer.from(sessionId).toString('base64url')}.${randomBytes(384).toString('base64url')}`;
}

export function sessionIdIn(token: string): string {
  return Buffer.from(token.split('.')[0] ?? '', 'base64url').toString();
}

export function hashOf(token: string): string {
  return sha256(token).toString('hex');
}

export function isOneOf({ refreshHash, others = [] }: RefreshTokens, token: string): boolean {
  return [refreshHash, ...others.map(({ hash }) => hash)].some((hash) => isSame(hash, token));
}

export function refuseReplaced({ others = [] }: RefreshTokens, token: string, now: number): void {
  const replaced = others.find(({ hash }) => isSame(hash, token));
  if (replaced && replaced.usableUntil !== null && replaced.usableUntil <= now) {
    throw new ServiceFailure('RefreshTokenReuseException', 'Refresh token has been invalidated by rotation.');
  }
}

/** After `used` gave way to `made`; within the grace period a token that was already replaced may do so again. */
export function rotated(tokens: RefreshTokens, used: string, made: string, deadline: number): RefreshTokens {
  const { refreshHash, others = [] } = tokens;
  const all = [{ hash: refreshHash, usableUntil: null }, ...others].map((one) =>
    one.usableUntil === null && isSame(one.hash, used) ? { ...one, usableUntil: deadline } : one,
  );
  return { refreshHash: hashOf(made), others: all.slice(0, MOST_REMEMBERED) };
}

export function rotates({ settings }: Client): boolean {
  return settings.RefreshTokenRotation?.Feature === 'ENABLED';
}

export function refuseWrongClientSecret(client: Client, sent: string | undefined): void {
  if (client.secret !== null && client.secret !== sent) {
    throw notAuthorized(`Unable to verify client secret for client ${client.id}`);
  }
}

function isSame(hash: string, token: string): boolean {
  return timingSafeEqual(sha256(token), Buffer.from(hash, 'hex'));
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
