import { randomBytes } from 'node:crypto';
import { isRefused } from '../../aws/failures.js';
import type { Visitor } from '../../aws/visitors/visitors.js';

/** Everything a probe makes is called so, and can be found again by it. */
export const PROBE_PREFIX = 'turnpike-probe-';

const CLIENT = /^turnpike-probe-[0-9a-f]{12}$/;
const EMAIL = /^turnpike-probe-[0-9a-f]{12}@example\.com$/;

/** What one probe has made, noted as soon as each is known: a search may not show it yet when it is to be removed. */
export class Made {
  readonly name = `${PROBE_PREFIX}${randomBytes(6).toString('hex')}`;
  readonly keyIds = new Set<string>();
  /** What was asked for without an answer: it may have been made. */
  readonly inDoubt = new Set<'visitor' | 'client'>();
  visitor: Visitor | null = null;
  clientId: string | null = null;

  get email(): string {
    return `${this.name}@example.com`;
  }

  /** Only a refusal is sure to have made nothing. */
  async asking<T>(what: 'visitor' | 'client', call: () => Promise<T>): Promise<T> {
    this.inDoubt.add(what);
    try {
      const made = await call();
      this.inDoubt.delete(what);
      return made;
    } catch (error) {
      if (isRefused(error)) this.inDoubt.delete(what);
      throw error;
    }
  }
}

/** Anybody may have an address that only begins like ours. */
export function isProbeEmail(email: string | undefined): boolean {
  return email !== undefined && EMAIL.test(email);
}

export function isProbeClient(name: string): boolean {
  return CLIENT.test(name);
}
