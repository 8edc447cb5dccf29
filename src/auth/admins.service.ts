import { Injectable } from '@nestjs/common';
import { AwsUnavailableError } from '../aws/failures.js';
import { URGENT } from '../aws/governor/admission/admission.js';
import { Governor } from '../aws/governor.js';
import { type DirectoryUser, UserDirectory } from '../aws/user-directory.js';
import { Config } from '../config.js';
import { ForbiddenError, TryAgainError, UnauthenticatedError } from '../problem.js';
import type { Caller } from './caller.js';

export const ADMINS_ONLY = 'This is for admins only.';

interface Standing {
  readonly user: DirectoryUser | null;
  readonly groups: readonly string[];
}

/** Who is an admin now. A token says only who was one when it was made, up to a day ago. */
@Injectable()
export class Admins {
  constructor(
    private readonly directory: UserDirectory,
    private readonly governor: Governor,
    private readonly config: Config,
  ) {}

  /**
   * Asks Cognito whether the caller still is an admin.
   * @throws UnauthenticatedError when there is no such user any more, ForbiddenError when they are disabled or have left
   * the group, TryAgainError when Cognito does not say.
   */
  async confirm({ sub, username }: Caller): Promise<void> {
    const { user, groups } = await this.standingOf(username);
    if (user?.sub !== sub) throw new UnauthenticatedError();
    if (!user.enabled || !groups.includes(this.config.adminGroup)) throw new ForbiddenError(ADMINS_ONLY);
  }

  private async standingOf(username: string): Promise<Standing> {
    try {
      return await this.governor.interactive(async () => {
        const [user, groups] = await Promise.all([this.directory.find(username), this.directory.groupsOf(username)]);
        return { user, groups };
      }, URGENT);
    } catch (error) {
      if (error instanceof AwsUnavailableError) throw new TryAgainError(error.retryAfterSeconds, { cause: error });
      throw error;
    }
  }
}
