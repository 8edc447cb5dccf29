import type { ImportApiKeysCommandInput } from '@aws-sdk/client-api-gateway';
import { ServiceFailure } from '../wire.js';
import { type ApiKeyRow, readApiKeyFile } from './api-key-file.js';
import type { ApiKeys } from './api-keys.js';
import { outsideEnum, refuseBroken } from './constraints.js';
import type { UsagePlanKeys } from './plans/usage-plan-keys.js';
import { badRequest } from './replies.js';
import type { GatewayTables } from './tables.js';

/** Keys from a file: made, or overwritten where a key of that value exists, and put into the plans they name. */
export class ImportApiKeys {
  readonly operations = {
    ImportApiKeys: (input: ImportApiKeysCommandInput) => this.import(input),
  };

  constructor(
    private readonly tables: GatewayTables,
    private readonly apiKeys: ApiKeys,
    private readonly usagePlanKeys: UsagePlanKeys,
  ) {}

  private import({ body, format, failOnWarnings }: ImportApiKeysCommandInput) {
    refuseBroken(outsideEnum(format, 'format', ['csv']));
    const rows = readApiKeyFile(Buffer.from(body instanceof Uint8Array ? body : '').toString('utf8'));
    const foreseen = rows.flatMap((row) => this.warningsOf(row));
    if (failOnWarnings && foreseen.length > 0) throw badRequest(foreseen.join('; '));
    const warnings: string[] = [];
    const ids = rows.flatMap((row) => this.attempt(row, warnings));
    return { ids: [...new Set(ids)], warnings };
  }

  /** What is known to go wrong with a row before anything is written. */
  private warningsOf({ number, name, value, usagePlanIds }: ApiKeyRow): string[] {
    const unknown = usagePlanIds.filter((id) => !this.tables.usagePlans.get(id));
    return [
      ...(name === '' ? [`Row ${number}: API Key name is missing`] : []),
      ...(value.length < 20 || value.length > 128
        ? [`Row ${number}: API Key value must be between 20 and 128 characters`]
        : []),
      ...unknown.map((id) => `Row ${number}: Invalid Usage Plan ID specified: ${id}`),
    ];
  }

  private attempt(row: ApiKeyRow, warnings: string[]): string[] {
    const noted = (run: () => string | undefined) => {
      try {
        return run();
      } catch (error) {
        if (!(error instanceof ServiceFailure)) throw error;
        warnings.push(`Row ${row.number}: ${error.message}`);
        return undefined;
      }
    };
    const id = row.name === '' ? void warnings.push(...this.warningsOf(row)) : noted(() => this.apiKeys.upsert(row).id);
    if (id === undefined) return [];
    for (const usagePlanId of row.usagePlanIds) noted(() => this.attached(usagePlanId, id));
    return [id];
  }

  private attached(usagePlanId: string, keyId: string): string {
    if (this.tables.usagePlanKeys.get(usagePlanId, keyId)) return keyId;
    return this.usagePlanKeys.create({ usagePlanId, keyId, keyType: 'API_KEY' }).id;
  }
}
