import { createHash, randomBytes } from 'node:crypto';
import type { Pool, Pools, User } from '../cognito/pools.js';
import type { SandboxRequest } from '../http.js';
import type { Table } from '../store.js';

interface BrowserSession {
  readonly poolId: string;
  readonly username: string;
  readonly sub: string;
  readonly expiresAt: number;
}

const COOKIE = 'cognito';
const LIFE_SECONDS = 3600;

/** Who is signed in at the hosted pages themselves, by a cookie that lasts an hour; tokens are another matter. */
export class BrowserSessions {
  private readonly sessions: Table<BrowserSession>;

  constructor(private readonly pools: Pools) {
    this.sessions = pools.store.table<BrowserSession>('hosted-ui.sessions');
    for (const [key, { expiresAt }] of this.sessions.entries()) {
      if (expiresAt <= pools.clock.seconds()) this.sessions.delete(key);
    }
  }

  /** The cookie to set. */
  begin({ poolId, username, sub }: User): string {
    const secret = randomBytes(32).toString('base64url');
    const expiresAt = this.pools.clock.seconds() + LIFE_SECONDS;
    this.sessions.put(hashed(secret), { poolId, username, sub, expiresAt });
    return setCookie(COOKIE, secret, LIFE_SECONDS);
  }

  /** Undefined also for somebody who may not sign in any more. */
  userOf(request: SandboxRequest, pool: Pool): User | undefined {
    const session = this.sessions.get(hashed(cookie(request, COOKIE)));
    if (session?.poolId !== pool.id || session.expiresAt <= this.pools.clock.seconds()) return undefined;
    const user = this.pools.findUser(pool, session.username);
    return user?.sub === session.sub && user.enabled && user.status === 'CONFIRMED' ? user : undefined;
  }

  /** The cookie that takes the other away. */
  end(request: SandboxRequest): string {
    this.sessions.delete(hashed(cookie(request, COOKIE)));
    return setCookie(COOKIE, '', 0);
  }
}

export function cookie({ headers }: SandboxRequest, name: string): string {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
}

/** Other sites' forms never come with it, and no script reads it. It is not `Secure`: the sandbox speaks http. */
export function setCookie(name: string, value: string, lifeSeconds: number): string {
  return `${name}=${value}; Path=/; Max-Age=${lifeSeconds}; HttpOnly; SameSite=Lax`;
}

function hashed(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
