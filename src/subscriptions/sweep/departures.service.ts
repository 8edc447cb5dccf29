import { Injectable } from '@nestjs/common';
import * as z from 'zod';
import { Config } from '../../config.js';
import { DesiredState } from '../reconcile/desired-state.service.js';
import { Keyring } from '../reconcile/keyring.service.js';
import { Mending } from './mending.service.js';
import { Sweeper } from './sweeper.service.js';

/**
 * Of CloudTrail's record of a deletion what may be there: AWS does not document that it holds the `sub`, and hides user
 * names. A call that failed has an `errorCode`.
 */
const RECORD = z.object({
  eventTime: z.iso.datetime().nullish().catch(null),
  errorCode: z.string().nullish(),
  requestParameters: z.object({ userPoolId: z.string().nullish() }).nullish(),
  additionalEventData: z
    .object({
      sub: z
        .string()
        .regex(/^[A-Za-z0-9-]{1,128}$/)
        .nullish()
        .catch(null),
      userPoolId: z.string().nullish(),
    })
    .nullish(),
});

/** The time of a record is of a clock of AWS's and without fractions, and lists of users may be a little late. */
const SLACK_MILLISECONDS = 10_000;

export type DepartureOutcome = 'NOT_OURS' | 'RETIRED' | 'SWEPT';

/** Retires the keys of a user whose deletion was recorded, without waiting for the next sweep. */
@Injectable()
export class Departures {
  constructor(
    private readonly keyring: Keyring,
    private readonly desiredState: DesiredState,
    private readonly mending: Mending,
    private readonly sweeper: Sweeper,
    private readonly config: Config,
  ) {}

  /**
   * Takes the record as a hint of whom to look at: that the user is gone only Cognito can say. Where it does not say whom,
   * or the user is not proven to be gone, everybody is looked at, unless a sweep has done so since: many may leave at once.
   */
  async of(record: unknown): Promise<DepartureOutcome> {
    const { data } = RECORD.safeParse(record);
    if (data?.errorCode || !this.isOurs(data)) return 'NOT_OURS';
    const sub = data?.additionalEventData?.sub ?? null;
    if (sub !== null && (await this.isRetired(sub))) return 'RETIRED';
    if (this.isSweptSince(data?.eventTime ?? null)) return 'SWEPT';
    const { heldBack } = await this.sweeper.sweep();
    if (heldBack > 0) throw new Error(`${heldBack} keys would be switched off at once, and none was`);
    return 'SWEPT';
  }

  private isOurs(record: z.output<typeof RECORD> | undefined): boolean {
    const poolId = record?.requestParameters?.userPoolId ?? record?.additionalEventData?.userPoolId;
    return !poolId || poolId === this.config.userPoolId;
  }

  /** Whether a sweep of this process began after it, and held nothing back. What one left unfinished the next by schedule finishes. */
  private isSweptSince(time: string | null): boolean {
    const { report } = this.sweeper;
    if (time === null || report === null || report.isDryRun || report.heldBack > 0) return false;
    return report.asOf.getTime() >= Date.parse(time) + SLACK_MILLISECONDS;
  }

  /** Whether no key of theirs is alive. Their user name is what was noted on the keys: no other is known to be right. */
  private async isRetired(sub: string): Promise<boolean> {
    const { keys } = await this.keyring.read(this.desiredState.ofGone({ sub, username: '' }));
    const keyIds = keys.filter(({ enabled }) => enabled).map(({ id }) => id);
    if (keyIds.length === 0) return true;
    const username = keys.find((key) => key.username !== null)?.username ?? '';
    const desired = this.desiredState.ofGone({ sub, username });
    const { mended } = await this.mending.of([{ desired, isListed: false, drift: [], keyIds, retires: keyIds.length }]);
    return mended === 1;
  }
}
