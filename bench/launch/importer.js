import { ImportApiKeysCommand } from '@aws-sdk/client-api-gateway';

const WINDOW_MILLISECONDS = 1000;
/** AWS names no limit for the rows of a file. */
const MOST_ROWS = 500;

/** First keys for all who ask within a second, made by one ImportApiKeys, their plan included. */
export class Importer {
  #waiting = [];
  files = 0;

  constructor(clients, governor, clock, identity, planId) {
    Object.assign(this, { clients, governor, clock, identity, planId });
  }

  /** Ends when that customer's key is there. */
  keyFor(sub) {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ sub, resolve, reject });
      if (this.#waiting.length === 1) void this.#soon();
    });
  }

  async #soon() {
    await this.clock.sleep(WINDOW_MILLISECONDS);
    const batch = this.#waiting.splice(0);
    for (let from = 0; from < batch.length; from += MOST_ROWS) {
      const rows = batch.slice(from, from + MOST_ROWS);
      await this.#import(rows).then(
        () => rows.forEach(({ resolve }) => void resolve()),
        (error) => rows.forEach(({ reject }) => void reject(error)),
      );
    }
  }

  async #import(batch) {
    const rows = batch.map(({ sub }) => [
      this.identity.name(sub, 1),
      this.identity.value(sub, 1).reveal(),
      this.planId,
    ]);
    const body = Buffer.from(['name,key,usageplanIds', ...rows.map((row) => row.join())].join('\n'));
    this.files += 1;
    await this.governor.run('ImportApiKeys', (abortSignal) =>
      this.clients.gateway.send(new ImportApiKeysCommand({ body, format: 'csv', failOnWarnings: true }), {
        abortSignal,
      }),
    );
  }
}
