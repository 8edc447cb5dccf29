import { Injectable } from '@nestjs/common';
import { Clock } from '../clock.js';
import { TryAgainError } from '../problem.js';
import { type Lock, RedisConnection } from '../redis.js';

const MAX_WAITING = 5;
const PATIENCE_MILLISECONDS = 4000;
const POLL_MILLISECONDS = 100;
/** A process that dies holds its customer up for so long. */
const LOCK_SECONDS = 3;

/**
 * Lets the operations on one customer run one after the other in this process, and with Redis in all of them; customers
 * do not wait for each other. It saves calls and waits; what holds, holds without it.
 */
@Injectable()
export class OneAtATime {
  private readonly turns = new Map<string, { tail: Promise<unknown>; waiting: number }>();

  constructor(
    private readonly redis: RedisConnection,
    private readonly clock: Clock,
  ) {}

  /** @throws TryAgainError when too many wait already, or another process is long at it; nothing of `work` has begun then. */
  async run<T>(sub: string, work: () => Promise<T>): Promise<T> {
    const turn = this.turns.get(sub) ?? { tail: Promise.resolve(), waiting: 0 };
    if (turn.waiting > MAX_WAITING) throw new TryAgainError();
    const alone = () => this.alone(sub, work);
    const mine = turn.tail.then(alone, alone);
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

  private async alone<T>(sub: string, work: () => Promise<T>): Promise<T> {
    const lock = await this.lock(`customer:${sub}`);
    try {
      return await work();
    } finally {
      await lock?.release();
    }
  }

  /** Null = there is no Redis to keep it. */
  private async lock(name: string): Promise<Lock | null> {
    const patience = this.clock.now().getTime() + PATIENCE_MILLISECONDS;
    for (;;) {
      const lock = await this.redis.lock(name, LOCK_SECONDS);
      if (lock !== 'held') return lock;
      if (this.clock.now().getTime() >= patience) throw new TryAgainError();
      await this.clock.sleep(POLL_MILLISECONDS * (0.5 + this.clock.chance()));
    }
  }
}
