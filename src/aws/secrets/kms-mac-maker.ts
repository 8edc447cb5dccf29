import type { KMSClient } from '@aws-sdk/client-kms';
import type { OnApplicationShutdown } from '@nestjs/common';
import type { Config } from '../../config.js';
import { CLIENT_SETTINGS } from '../aws-clients.js';
import { isNamed } from '../failures.js';
import { UnusableKmsKeyError } from './key-secrets.js';
import { MacMaker } from './mac-maker.js';

/** Of an id that is none, a key that is switched off or about to be deleted, and one that is not HMAC_256. */
const UNUSABLE = [
  'NotFoundException',
  'DisabledException',
  'KMSInvalidStateException',
  'InvalidKeyUsageException',
  'ValidationException',
];

/** AWS KMS, `GenerateMac`. Its client is loaded when it is asked: most deployments have no key there. */
export class KmsMacMaker extends MacMaker implements OnApplicationShutdown {
  private client: KMSClient | null = null;

  constructor(private readonly config: Pick<Config, 'region'>) {
    super();
  }

  async mac(KeyId: string, Message: Uint8Array, abortSignal: AbortSignal): Promise<Uint8Array> {
    const { GenerateMacCommand, KMSClient } = await import('@aws-sdk/client-kms');
    this.client ??= new KMSClient({ region: this.config.region, ...CLIENT_SETTINGS });
    const command = new GenerateMacCommand({ KeyId, Message, MacAlgorithm: 'HMAC_SHA_256' });
    const { Mac } = await this.client.send(command, { abortSignal }).catch((error: unknown) => {
      throw isNamed(error, UNUSABLE) && error instanceof Error
        ? new UnusableKmsKeyError(error.name, { cause: error })
        : error;
    });
    if (!Mac) throw new Error('GenerateMac answered without a MAC');
    return Mac;
  }

  onApplicationShutdown(): void {
    this.client?.destroy();
  }
}
