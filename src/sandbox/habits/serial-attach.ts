import { concurrentModification } from './refusals.js';

const ATTACHING: ReadonlySet<string> = new Set(['CreateUsagePlanKey', 'DeleteUsagePlanKey']);

/** One attach or detach at a time in the whole account; whoever comes meanwhile is refused. */
export class SerialAttach {
  private inProgress = false;

  concerns(operation: string): boolean {
    return ATTACHING.has(operation);
  }

  /** The effect is there at once; `settle` is how long AWS is busy with it. */
  async run<T>(attach: () => Promise<T>, settle: () => Promise<void>): Promise<T> {
    if (this.inProgress) throw concurrentModification();
    this.inProgress = true;
    try {
      const reply = await attach();
      await settle();
      return reply;
    } finally {
      this.inProgress = false;
    }
  }
}
