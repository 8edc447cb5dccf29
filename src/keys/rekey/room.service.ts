import { Injectable, Logger } from '@nestjs/common';
import { Governor } from '../../aws/governor.js';
import { describeFault } from '../../log.js';
import { Changes } from '../../subscriptions/customers/changes.service.js';
import { CleanUp } from '../../subscriptions/reconcile/clean-up.service.js';
import { Reconciler } from '../../subscriptions/reconcile/reconciler.service.js';

/** Room for keys in an account that holds as many as it may. */
@Injectable()
export class Room {
  private readonly logger = new Logger(Room.name);

  constructor(
    private readonly changes: Changes,
    private readonly reconciler: Reconciler,
    private readonly cleanUp: CleanUp,
    private readonly governor: Governor,
  ) {}

  /** Settles what these customers' retired keys called, and deletes those that nothing is read from any more: how many. */
  async make(subs: readonly string[]): Promise<number> {
    let freed = 0;
    for (const sub of new Set(subs)) freed += await this.ofOne(sub);
    return freed;
  }

  private async ofOne(sub: string): Promise<number> {
    try {
      const clearOut = () =>
        this.changes.of(sub, async (desired) => {
          const customer = await this.reconciler.run(desired);
          return this.cleanUp.clearOut(customer.desired);
        });
      const freed = await this.governor.shared(clearOut); // it holds the customer's turn
      return typeof freed === 'number' ? freed : 0;
    } catch (error) {
      this.logger.warn({ customer: sub, fault: describeFault(error) });
      return 0;
    }
  }
}
