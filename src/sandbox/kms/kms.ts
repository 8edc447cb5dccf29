import { createHmac, randomBytes } from 'node:crypto';
import * as sdk from '@aws-sdk/client-kms';
import { ACCOUNT_ID } from '../gateway/rest-api/drafts.js';
import { NO_HABITS, type ServiceHabits } from '../habits/service-habits.js';
import type { SandboxReply, SandboxRequest } from '../http.js';
import { json, missing, regionOf, requireSignature } from '../json-protocol.js';
import type { Store, Table } from '../store.js';
import { decodeJson, encode, MissingMembers, operationsOf, ServiceFailure } from '../wire.js';

interface HmacKey {
  readonly id: string;
  readonly alias: string;
  /** Base64; it never leaves. */
  readonly material: string;
  readonly enabled: boolean;
}

const OPERATIONS = new Map(operationsOf(sdk).map((one) => [one.name, one]));
const TARGET = 'TrentService.';
const ALGORITHM = 'HMAC_SHA_256';
const MOST_BYTES = 4096;

/** Tables of a store that are KMS's own. */
export const KMS_TABLES = ['kms.keys'];

export const KMS_KEY = { id: '5c1a7e00-0000-4000-8000-7475726e7069', alias: 'alias/turnpike' } as const;

/**
 * A KMS of one key, HMAC_256, and one operation, GenerateMac (AWS KMS API Reference); the key is made with the store and
 * lives as long.
 */
export class Kms {
  private readonly keys: Table<HmacKey>;

  constructor(
    store: Store,
    private readonly habits: ServiceHabits = NO_HABITS,
  ) {
    this.keys = store.table<HmacKey>('kms.keys');
  }

  /** A key that is there already is left alone. */
  seed(): void {
    if (this.find(KMS_KEY.id)) return;
    this.keys.put(KMS_KEY.id, { ...KMS_KEY, material: randomBytes(32).toString('base64'), enabled: true });
  }

  /** What somebody does in the console. */
  setEnabled(enabled: boolean): void {
    const key = this.find(KMS_KEY.id);
    if (key) this.keys.put(key.id, { ...key, enabled });
  }

  /** `POST /` with `X-Amz-Target: TrentService.<Operation>`. */
  async answer(request: SandboxRequest): Promise<SandboxReply> {
    try {
      const { name } = operationOf(request);
      const call = { service: 'kms', operation: name, request } as const;
      return await this.habits.around(call, async () => json(200, this.run(name, request)));
    } catch (error) {
      const { type, message, status, headers } = failure(error);
      return json(status, { __type: type, message }, headers);
    }
  }

  private run(name: string, request: SandboxRequest): unknown {
    const operation = OPERATIONS.get(name);
    if (!operation || name !== 'GenerateMac')
      throw new ServiceFailure('NotImplementedException', `${name} is not modelled by the sandbox`, 501);
    const { KeyId, Message, MacAlgorithm } = decodeJson(
      operation,
      request.body,
    ) as unknown as sdk.GenerateMacCommandInput & {
      readonly KeyId: string;
      readonly Message: Uint8Array;
    };
    if (Message.length < 1 || Message.length > MOST_BYTES)
      throw new ServiceFailure(
        'ValidationException',
        "1 validation error detected: Value at 'message' failed to satisfy constraint: Member must have length less than or equal to 4096",
      );
    const region = regionOf(request);
    const key = this.find(KeyId);
    if (!key) throw unknownKey(KeyId, region);
    const arn = keyArn(region, key.id);
    if (MacAlgorithm !== ALGORITHM)
      throw new ServiceFailure(
        'InvalidKeyUsageException',
        `Algorithm ${MacAlgorithm} is incompatible with key spec HMAC_256.`,
      );
    if (!key.enabled) throw new ServiceFailure('DisabledException', `${arn} is disabled.`);
    const Mac = createHmac('sha256', Buffer.from(key.material, 'base64')).update(Message).digest();
    return encode(operation.output, { Mac: new Uint8Array(Mac), MacAlgorithm, KeyId: arn });
  }

  /** By id, ARN, alias or the alias's ARN. */
  private find(given: string): HmacKey | undefined {
    const name = given.replace(/^arn:aws:kms:[^:]+:\d{12}:(key\/)?/, '');
    return this.keys
      .entries()
      .map(([, key]) => key)
      .find(({ id, alias }) => id === name || alias === name);
  }
}

/** What IAM judges by, an alias too: the ARN of the key, where there is one. */
export function keyArnOf(given: string, region: string): string {
  if (given === KMS_KEY.alias || given === keyArn(region, KMS_KEY.alias)) return keyArn(region, KMS_KEY.id);
  return given.startsWith('arn:') ? given : keyArn(region, given);
}

function keyArn(region: string, id: string): string {
  return `arn:aws:kms:${region}:${ACCOUNT_ID}:${id.startsWith('alias/') ? id : `key/${id}`}`;
}

function unknownKey(given: string, region: string): ServiceFailure {
  const arn = given.startsWith('arn:') ? given : keyArn(region, given);
  const message = arn.includes(':alias/') ? `Alias ${arn} is not found.` : `Key '${arn}' does not exist`;
  return new ServiceFailure('NotFoundException', message);
}

export function isForKms({ headers }: SandboxRequest): boolean {
  return headers['x-amz-target']?.startsWith(TARGET) === true;
}

function operationOf(request: SandboxRequest) {
  const name = request.headers['x-amz-target']?.slice(TARGET.length) ?? '';
  if (!OPERATIONS.has(name)) throw new ServiceFailure('UnknownOperationException', 'Unknown operation');
  requireSignature(request);
  return { name };
}

function failure(error: unknown): ServiceFailure {
  if (error instanceof ServiceFailure) return error;
  if (error instanceof MissingMembers) {
    return new ServiceFailure('ValidationException', missing(error.members, 'Value null'));
  }
  console.error('sandbox fault', error);
  return new ServiceFailure('KMSInternalException', 'Internal server error', 500);
}
