import {
  type ApiKey,
  CreateApiKeyCommand,
  DeleteApiKeyCommand,
  GetApiKeyCommand,
  paginateGetApiKeys,
  UpdateApiKeyCommand,
} from '@aws-sdk/client-api-gateway';
import { Injectable } from '@nestjs/common';
import { Secret } from '../secret.js';
import { AwsClients } from './aws-clients.js';
import { AwsUnavailableError, ask, askOr, isNamed, KeyQuotaExceededError } from './failures.js';
import { type KeyChange, KeyStore, type NewKey, type StoredKey } from './key-store.js';

const PAGE_SIZE = 500;

@Injectable()
export class ApiGatewayKeyStore extends KeyStore {
  constructor(private readonly clients: AwsClients) {
    super();
  }

  list(namePrefix: string): Promise<StoredKey[]> {
    return ask('GetApiKeys', async () => {
      const keys: StoredKey[] = [];
      const pages = paginateGetApiKeys(
        { client: this.clients.gateway, pageSize: PAGE_SIZE },
        { nameQuery: namePrefix, includeValues: true },
      );
      for await (const { items } of pages) keys.push(...(items ?? []).map(toStoredKey));
      return keys.filter(({ name }) => name.startsWith(namePrefix));
    });
  }

  async find(id: string): Promise<StoredKey | null> {
    const key = await askOr('GetApiKey', ['NotFoundException'], () =>
      this.clients.gateway.send(new GetApiKeyCommand({ apiKey: id, includeValue: true })),
    );
    return key && toStoredKey(key);
  }

  async create({ name, value, description, username }: NewKey): Promise<StoredKey | null> {
    const key = { name, description, value: value.reveal(), customerId: username ?? undefined, enabled: true };
    try {
      const made = await askOr('CreateApiKey', ['ConflictException'], () =>
        this.clients.gateway.send(new CreateApiKeyCommand(key)),
      );
      return made && toStoredKey(made);
    } catch (error) {
      // The same exception name stands for the rate and for the account's number of keys; only the latter persists
      // through the SDK's retries without a Retry-After.
      if (error instanceof AwsUnavailableError && isNamed(error.cause, ['LimitExceededException'])) {
        throw new KeyQuotaExceededError('CreateApiKey: no room for another key', { cause: error });
      }
      throw error;
    }
  }

  async change(id: string, { description, enabled, name }: KeyChange): Promise<boolean> {
    const patch = { '/name': name, '/description': description, '/enabled': enabled?.toString() };
    const patchOperations = Object.entries(patch)
      .filter(([, value]) => value !== undefined)
      .map(([path, value]) => ({ op: 'replace' as const, path, value }));
    const changed = await askOr('UpdateApiKey', ['NotFoundException'], () =>
      this.clients.gateway.send(new UpdateApiKeyCommand({ apiKey: id, patchOperations })),
    );
    return changed !== null;
  }

  async delete(id: string): Promise<void> {
    await askOr('DeleteApiKey', ['NotFoundException'], () =>
      this.clients.gateway.send(new DeleteApiKeyCommand({ apiKey: id })),
    );
  }
}

function toStoredKey({ id = '', name = '', description = '', value = '', ...key }: ApiKey): StoredKey {
  const createdAt = key.createdDate ?? new Date(0);
  return {
    id,
    name,
    description,
    enabled: key.enabled === true,
    username: key.customerId || null,
    createdAt,
    changedAt: key.lastUpdatedDate ?? createdAt,
    value: new Secret(value),
  };
}
