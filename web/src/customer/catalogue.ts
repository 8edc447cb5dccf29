import { type PlanPartsFragment, PlansDocument } from '../../operations/customer.js';
import { Store } from '../store.js';
import type { Client } from './client.js';
import { Failure } from './failure.js';

export type Plan = PlanPartsFragment;

export interface CatalogueState {
  /** Null = not known yet. */
  readonly plans: readonly Plan[] | null;
  /** Why they could not be read the last time. */
  readonly failure: Failure | null;
}

/** So old may be what a page shows; before a plan is taken it is asked for again. */
export const PLANS_FRESH_MILLISECONDS = 60_000;

/** The plans for sale. */
export class Catalogue extends Store<CatalogueState> {
  private reading: Promise<void> | null = null;
  /** When what is known was asked for, in milliseconds. */
  private asOf = Number.NEGATIVE_INFINITY;

  constructor(private readonly client: Client) {
    super({ plans: null, failure: null });
  }

  load(): Promise<void> {
    this.reading ??= this.read().finally(() => {
      this.reading = null;
    });
    return this.reading;
  }

  /** Asks again if it is time to. */
  async freshen(): Promise<void> {
    if (Date.now() - this.asOf >= PLANS_FRESH_MILLISECONDS) await this.load();
  }

  private async read(): Promise<void> {
    const now = Date.now();
    try {
      const { plans } = await this.client.ask(PlansDocument, {});
      this.asOf = now;
      this.set({ plans, failure: null });
    } catch (error) {
      this.set({ ...this.get(), failure: Failure.of(error) });
    }
  }
}
