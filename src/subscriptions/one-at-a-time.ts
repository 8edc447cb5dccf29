import { Injectable } from '@nestjs/common';
import { TryAgainError } from '../problem.js';

const MAX_WAITING = 5;

/** Lets the operations on one customer run one after the other in this process; customers do not wait for each other. */
@Injectable()
export class OneAtATime {
  private readonly turns = new Map<string, { tail: Promise<unknown>; waiting: number }>();

  /** @throws TryAgainError when too many wait already; nothing of `work` has begun then. */
  async run<T>(sub: string, work: () => Promise<T>): Promise<T> {
    const turn = this.turns.get(sub) ?? { tail: Promise.resolve(), waiting: 0 };
    if (turn.waiting > MAX_WAITING) throw new TryAgainError();
    const mine = turn.tail.then(work, work);
    turn.tail = mine;
    turn.waiting++;
    this.turns.set(sub, turn);
    try {
      return await mine;
    } finally {
      turn.waiting--;
      if (turn.waiting === 0) this.turns.delete(sub);
    }
  }
}
