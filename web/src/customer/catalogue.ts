import { type PlanPartsFragment, PlansDocument } from '../../operations/customer.js';
import { Store } from '../store.js';
import type { Client } from './client.js';
import { Failure } from './failure.js';

export type Plan = PlanPartsFragment;

export interface CatalogueState {
  /** Null = not known yet. */
  readonly plans: readonly Plan[] | null;
  readonly failure: Failure | null;
}

/** The plans for sale. */
export class Catalogue extends Store<CatalogueState> {
  constructor(private readonly client: Client) {
    super({ plans: null, failure: null });
  }

  async load(): Promise<void> {
    try {
      const { plans } = await this.client.ask(PlansDocument, {});
      this.set({ plans, failure: null });
    } catch (error) {
      this.set({ ...this.get(), failure: Failure.of(error) });
    }
  }
}
