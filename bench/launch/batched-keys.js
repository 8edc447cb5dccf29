import { ImportApiKeysCommand } from '@aws-sdk/client-api-gateway';
import { ApiGatewayKeyStore } from '../../dist/aws/api-gateway-key-store.js';
import { ApiGatewayUsagePlans } from '../../dist/aws/api-gateway-usage-plans.js';

const WINDOW_MILLISECONDS = 1000;
/** AWS names no limit for the rows of a file. */
const MOST_ROWS = 500;

/**
 * The keys of all who ask within a second, made by one ImportApiKeys, their plan included. A key made so carries no user
 * name: no column holds one, so each is noted later, by a call of its own.
 */
export class BatchedKeys extends ApiGatewayKeyStore {
  #waiting = [];
  #made = new Set();
  imports = 0;
  noting = [];

  constructor(clients, governor, clock, { planId, fleetPrefix }) {
    super(clients, governor);
    Object.assign(this, { clients, governor, clock, planId, fleetPrefix });
  }

  isIn(keyId, planId) {
    return planId === this.planId && this.#made.has(keyId);
  }

  create(key) {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ key, resolve, reject });
      if (this.#waiting.length === 1) void this.#importSoon();
    });
  }

  /** It is the work of whoever began to wait: so it keeps their place in every line. */
  async #importSoon() {
    await this.clock.sleep(WINDOW_MILLISECONDS);
    const batch = this.#waiting.splice(0);
    try {
      for (let from = 0; from < batch.length; from += MOST_ROWS)
        await this.#import(batch.slice(from, from + MOST_ROWS));
      const keys = new Map((await this.list(this.fleetPrefix)).map((key) => [key.name, key]));
      for (const { key, resolve, reject } of batch) {
        const made = keys.get(key.name);
        if (!made) reject(new Error(`${key.name} was imported and is not listed`));
        else resolve({ ...made, username: key.username });
        if (made) this.#made.add(made.id);
      }
      this.noting.push(...batch.map(({ key }) => [keys.get(key.name)?.id, key.username]));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  async #import(batch) {
    const rows = batch.map(({ key }) => [key.name, key.value.reveal(), key.description, 'true', this.planId]);
    const lines = [['name', 'key', 'description', 'enabled', 'usageplanIds'], ...rows].map((row) =>
      row.map(quoted).join(),
    );
    const file = { body: Buffer.from(lines.join('\n')), format: 'csv', failOnWarnings: true };
    this.imports += 1;
    await this.governor.run('ImportApiKeys', (abortSignal) =>
      this.clients.gateway.send(new ImportApiKeysCommand(file), { abortSignal }),
    );
  }
}

/** Plans that need not be asked to take a key which was imported into them. */
export class BatchedPlans extends ApiGatewayUsagePlans {
  constructor(clients, governor, keys) {
    super(clients, governor);
    this.batched = keys;
  }

  async attach(planId, keyId) {
    return this.batched.isIn(keyId, planId) ? 'attached' : super.attach(planId, keyId);
  }
}

const quoted = (text) => `"${text.replaceAll('"', '""')}"`;
