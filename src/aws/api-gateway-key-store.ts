import {
  type ApiKey,
  CreateApiKeyCommand,
  DeleteApiKeyCommand,
  GetApiKeyCommand,
  GetApiKeysCommand,
  UpdateApiKeyCommand,
} from '@aws-sdk/client-api-gateway';
import { Injectable } from '@nestjs/common';
import { Secret } from '../secret.js';
import { AwsClients } from './aws-clients.js';
import { AwsUnavailableError, isFullQuota, KeyQuotaExceededError, orNull } from './failures.js';
import { Governor } from './governor.js';
import { type KeyChange, KeyStore, type NewKey, type StoredKey } from './key-store.js';
import { allPages, PAGE_SIZE } from './pages.js';

@Injectable()
export class ApiGatewayKeyStore extends KeyStore {
  constructor(
    private readonly clients: AwsClients,
    private readonly governor: Governor,
  ) {
    super();
  }

  async list(namePrefix: string): Promise<StoredKey[]> {
    const asked = { nameQuery: namePrefix, includeValues: true, limit: PAGE_SIZE };
    const keys = await allPages((position) =>
      this.governor.run('GetApiKeys', (abortSignal) =>
        this.clients.gateway.send(new GetApiKeysCommand({ ...asked, position }), { abortSignal }),
      ),
    );
    return keys.map(toStoredKey).filter(({ name }) => name.startsWith(namePrefix));
  }

  async find(id: string): Promise<StoredKey | null> {
    const command = new GetApiKeyCommand({ apiKey: id, includeValue: true });
    const key = await orNull(
      ['NotFoundException'],
      this.governor.run('GetApiKey', (abortSignal) => this.clients.gateway.send(command, { abortSignal })),
    );
    return key && toStoredKey(key);
  }

  async create({ name, value, description, username }: NewKey): Promise<StoredKey | null> {
    const key = { name, description, value: value.reveal(), customerId: username ?? undefined, enabled: true };
    const command = new CreateApiKeyCommand(key);
    try {
      const made = await orNull(
        ['ConflictException'],
        this.governor.run('CreateApiKey', (abortSignal) => this.clients.gateway.send(command, { abortSignal })),
      );
      return made && toStoredKey(made);
    } catch (error) {
      if (error instanceof AwsUnavailableError && isFullQuota('CreateApiKey', error.cause)) {
        throw new KeyQuotaExceededError('CreateApiKey: no room for another key', { cause: error });
      }
      throw error;
    }
  }

  async change(id: string, { description, enabled, name, username }: KeyChange): Promise<boolean> {
    const patch = {
      '/name': name,
      '/description': description,
      '/enabled': enabled?.toString(),
      '/customerId': username,
    };
    const patchOperations = Object.entries(patch)
      .filter(([, value]) => value !== undefined)
      .map(([path, value]) => ({ op: 'replace' as const, path, value }));
    const command = new UpdateApiKeyCommand({ apiKey: id, patchOperations });
    const changed = await orNull(
      ['NotFoundException'],
      this.governor.run('UpdateApiKey', (abortSignal) => this.clients.gateway.send(command, { abortSignal })),
    );
    return changed !== null;
  }

  async delete(id: string): Promise<void> {
    const command = new DeleteApiKeyCommand({ apiKey: id });
    await orNull(
      ['NotFoundException'],
      this.governor.run('DeleteApiKey', (abortSignal) => this.clients.gateway.send(command, { abortSignal })),
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
