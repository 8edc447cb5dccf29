import { Injectable } from '@nestjs/common';

/** Lets the operations on one customer run one after the other in this process; customers do not wait for each other. */
@Injectable()
export class OneAtATime {
  private readonly tails = new Map<string, Promise<unknown>>();

  async run<T>(sub: string, work: () => Promise<T>): Promise<T> {
    const before = this.tails.get(sub) ?? Promise.resolve();
    const mine = before.then(work, work);
    this.tails.set(sub, mine);
    try {
      return await mine;
    } finally {
      if (this.tails.get(sub) === mine) this.tails.delete(sub);
    }
  }
}
