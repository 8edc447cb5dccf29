import { createSecretKey, type KeyObject } from 'node:crypto';
import { Logger, type OnModuleInit } from '@nestjs/common';
import type { Config } from '../../config.js';
import { describeFault } from '../../log.js';
import { AwsUnavailableError } from '../failures.js';
import type { Governor } from '../governor.js';
import { keyObject } from './configured-key-secrets.js';
import { KeySecrets } from './key-secrets.js';
import type { MacMaker } from './mac-maker.js';

const RETRY_SECONDS = 2;

/**
 * Secrets that nobody has ever seen: each is the MAC that a key in KMS makes of a text of ours, always the same one, and
 * is kept for the life of the process. KMS's own comes first, those of KEY_SECRET after it, so that a deployment can move in.
 */
export class KmsKeySecrets extends KeySecrets implements OnModuleInit {
  private readonly logger = new Logger(KeySecrets.name);
  private secrets: readonly [KeyObject, ...KeyObject[]] | null = null;
  private arrival: Promise<void> | null = null;

  constructor(
    private readonly config: Pick<Config, 'kmsKeyIds' | 'keySecrets' | 'keyPrefix' | 'userPoolId'>,
    private readonly governor: Governor,
    private readonly kms: MacMaker,
  ) {
    super();
  }

  /** KMS may be away when a process starts: it starts all the same, and asks again when somebody needs it. */
  async onModuleInit(): Promise<void> {
    await this.arrive().catch((error: unknown) =>
      this.logger.error({ key: 'not had yet', fault: describeFault(error) }),
    );
  }

  all(): readonly [KeyObject, ...KeyObject[]] {
    if (this.secrets) return this.secrets;
    void this.arrive().catch(() => null); // whoever asks next has it, or this again
    throw new AwsUnavailableError('GenerateMac', RETRY_SECONDS);
  }

  async arrive(): Promise<void> {
    if (this.secrets) return;
    this.arrival ??= this.ask().finally(() => {
      this.arrival = null;
    });
    await this.arrival;
  }

  private async ask(): Promise<void> {
    const { kmsKeyIds, keySecrets, keyPrefix, userPoolId } = this.config;
    const text = Buffer.from(`turnpike key secret|${keyPrefix}|${userPoolId}`);
    const macs = await this.governor.interactive(() =>
      Promise.all(
        kmsKeyIds.map((keyId) => this.governor.run('GenerateMac', (signal) => this.kms.mac(keyId, text, signal))),
      ),
    );
    const [first, ...others] = [...macs.map((mac) => createSecretKey(mac)), ...keySecrets.map(keyObject)];
    if (first) this.secrets = [first, ...others];
  }
}
