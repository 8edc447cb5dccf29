import { Injectable } from '@nestjs/common';
import { Changes } from '../../subscriptions/customers/changes.service.js';
import { DesiredState } from '../../subscriptions/reconcile/desired-state.service.js';

/** Signs plans anew with the first secret. */
@Injectable()
export class Signatures {
  constructor(
    private readonly changes: Changes,
    private readonly desiredState: DesiredState,
  ) {}

  /**
   * Overtaken: another plan was recorded between our look and our write, and Cognito has no conditional write. It stays, and
   * is not signed: nobody can tell any more who recorded it.
   */
  async renew(sub: string): Promise<'signed' | 'overtaken' | 'none'> {
    const outcome = await this.changes.of(sub, async (desired) => {
      if (desired.plan === null || !this.desiredState.isSignedByOlderSecret(desired)) return 'none';
      const signed = await this.desiredState.again(await this.desiredState.signAnew(desired, desired.plan));
      return signed.plan === null || signed.isPlanSigned ? 'signed' : 'overtaken';
    });
    return typeof outcome === 'string' ? outcome : 'none';
  }
}
