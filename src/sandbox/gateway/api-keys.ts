import type {
  CreateApiKeyCommandInput,
  DeleteApiKeyCommandInput,
  GetApiKeyCommandInput,
  GetApiKeysCommandInput,
  UpdateApiKeyCommandInput,
} from '@aws-sdk/client-api-gateway';
import type { ServiceHabits } from '../habits/service-habits.js';
import type { SandboxClock } from '../sandbox-clock.js';
import type { ApiKeyRow } from './api-key-file.js';
import { badRequest, conflict, invalidPatch, limitExceeded, notFound, page } from './replies.js';
import { type ApiKeyRecord, type GatewayTables, newId, newKeyValue } from './tables.js';
import { checkTags } from './tags.js';

const MAX_NAME_CHARACTERS = 1024;
const MAX_DESCRIPTION_CHARACTERS = 125_000; // 125,001 are known to fail; the limit itself is not documented
const UNKNOWN_KEY = 'Invalid API Key identifier specified';

/** API keys. A key made without `enabled` is disabled, and its value never changes. */
export class ApiKeys {
  readonly operations = {
    CreateApiKey: (input: CreateApiKeyCommandInput) => this.create(input),
    GetApiKey: (input: GetApiKeyCommandInput) => this.get(input),
    GetApiKeys: (input: GetApiKeysCommandInput) => this.list(input),
    UpdateApiKey: (input: UpdateApiKeyCommandInput) => this.update(input),
    DeleteApiKey: (input: DeleteApiKeyCommandInput) => this.delete(input),
  };

  constructor(
    private readonly tables: GatewayTables,
    private readonly clock: SandboxClock,
    private readonly habits: ServiceHabits,
  ) {}

  create(input: CreateApiKeyCommandInput) {
    const value = checkedValue(input.value || newKeyValue());
    checkName(input.name);
    checkDescription(input.description);
    checkTags(input.tags ?? {});
    if (this.tables.apiKeys.withValue(value)) throw conflict('API Key already exists');
    if (this.tables.apiKeys.size >= this.habits.settings.keyCap)
      throw limitExceeded('Maximum number of API keys reached');
    const seconds = this.clock.seconds();
    const record = this.tables.apiKeys.put({
      sequence: this.tables.nextSequence(),
      id: newId(10),
      value,
      name: input.name || undefined,
      description: input.description,
      customerId: input.customerId,
      enabled: input.enabled ?? false,
      createdDate: seconds,
      lastUpdatedDate: seconds,
      stageKeys: (input.stageKeys ?? []).map(({ restApiId, stageName }) => `${restApiId}/${stageName}`),
      tags: input.tags ?? {},
    });
    return { ...record, tags: input.tags };
  }

  /** A key of a file: a key that has this value already takes the row's name, description and state. */
  upsert({ name, value, description, enabled }: ApiKeyRow): { readonly id: string } {
    const existing = this.tables.apiKeys.withValue(value);
    if (!existing) return this.create({ name, value, description, enabled });
    checkName(name);
    checkDescription(description);
    const changed = { ...existing, name, description, enabled, lastUpdatedDate: this.clock.seconds() };
    return this.tables.apiKeys.put(changed);
  }

  private get({ apiKey, includeValue }: GetApiKeyCommandInput) {
    return shown(this.existing(apiKey), includeValue);
  }

  private list({ nameQuery, customerId, includeValues, ...request }: GetApiKeysCommandInput) {
    const { apiKeys } = this.tables;
    const named = nameQuery ? apiKeys.namedNewestFirst(nameQuery) : apiKeys.newestFirst();
    const found = customerId ? named.filter((key) => key.customerId === customerId) : named;
    const { items, position } = page(found, request);
    return { items: items.map((key) => ({ ...shown(key, includeValues), tags: undefined })), position };
  }

  private update({ apiKey, patchOperations = [] }: UpdateApiKeyCommandInput) {
    const record = patchOperations.reduce(patched, this.existing(apiKey));
    return shown(this.tables.apiKeys.put({ ...record, lastUpdatedDate: this.clock.seconds() }), false);
  }

  private delete({ apiKey }: DeleteApiKeyCommandInput) {
    const record = this.existing(apiKey);
    for (const usagePlanId of [...this.tables.usagePlanKeys.planIdsOf(record.id)])
      this.tables.usagePlanKeys.delete({ usagePlanId, keyId: record.id });
    this.tables.usageDays.forgetKey(record.id);
    this.tables.apiKeys.delete(record);
  }

  private existing(id = ''): ApiKeyRecord {
    const record = this.tables.apiKeys.get(id);
    if (!record) throw notFound(UNKNOWN_KEY);
    return record;
  }
}

function shown(record: ApiKeyRecord, withValue: boolean | undefined) {
  return withValue ? record : { ...record, value: undefined };
}

type Patch = NonNullable<UpdateApiKeyCommandInput['patchOperations']>[number];

const REPLACEABLE = ['/description', '/enabled', '/name', '/customerId'];
const ADDABLE = ['/labels', '/stages'];

function patched(record: ApiKeyRecord, { op = 'replace', path = '', value = '' }: Patch): ApiKeyRecord {
  const allowed = op === 'replace' ? REPLACEABLE : op === 'add' || op === 'remove' ? ADDABLE : [];
  if (!allowed.includes(path)) throw invalidPatch(op, path, allowed);
  if (path === '/enabled') return { ...record, enabled: value.toLowerCase() === 'true' };
  if (path === '/name') return { ...record, name: checkName(value) || undefined };
  if (path === '/description') return { ...record, description: checkDescription(value) };
  if (path === '/customerId') return { ...record, customerId: value };
  if (path === '/labels') return record;
  const others = record.stageKeys.filter((stage) => stage !== value);
  return { ...record, stageKeys: op === 'add' ? [...others, value] : others };
}

function checkedValue(value: string): string {
  if (value.length < 20) throw badRequest('API Key value should be at least 20 characters');
  if (value.length > 128) throw badRequest('API Key value exceeds maximum size of 128 characters');
  return value;
}

function checkName(name: string | undefined): string | undefined {
  if ((name?.length ?? 0) > MAX_NAME_CHARACTERS)
    throw badRequest(`Invalid API Key name, can be at most ${MAX_NAME_CHARACTERS} characters.`);
  return name;
}

function checkDescription(description: string | undefined): string | undefined {
  if ((description?.length ?? 0) > MAX_DESCRIPTION_CHARACTERS)
    throw badRequest('Invalid API Key description specified.');
  return description;
}
