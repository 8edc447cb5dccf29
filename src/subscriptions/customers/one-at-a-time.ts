import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { roomFor } from '../../cache-options.js';
import { Clock } from '../../clock.js';
import { TryAgainError } from '../../problem.js';
import { type Lock, RedisConnection } from '../../redis.js';

const MAX_WAITING = 5;
const PATIENCE_MILLISECONDS = 4000;
const POLL_MILLISECONDS = 100;
/** A process that dies holds its customer up for so long. */
const LOCK_SECONDS = 3;

/** Longer than anybody takes a listing for the truth. */
const NOTED_SECONDS = 3600;
const MAX_NOTED = 20_000;
/** How soon it is tried again to tell the others. */
const NOTE_MILLISECONDS = 500;
/** Later than every one before it, whatever the clock says of who noted it. */
const NOTE =
  "local at = math.max(tonumber(ARGV[1]), tonumber(redis.call('GET', KEYS[1]) or 0) + 1) redis.call('SET', KEYS[1], string.format('%.0f', at), 'PX', ARGV[2]) return {at}";
const NOTED = "return {redis.call('GET', KEYS[1]) or 0}";
const SINCE = "redis.call('SET', KEYS[1], ARGV[1], 'NX') return {redis.call('GET', KEYS[1])}";

/** In milliseconds since 1970; one under way ends at Infinity. */
export interface Operation {
  readonly begun: number;
  readonly ended: number;
  /** When it began for all processes; null = they do not know of it. */
  readonly noted: number | null;
}

/**
 * Lets the operations on one customer run one after the other in this process, and with Redis in all of them; customers
 * do not wait for each other. It saves calls and waits; what holds, holds without it.
 */
@Injectable()
export class OneAtATime {
  private readonly turns = new Map<string, { tail: Promise<unknown>; waiting: number }>();
  private readonly latest = new LRUCache<string, Operation>(roomFor(MAX_NOTED));
  /** When the last operation began that the other processes do not know of. */
  private readonly untold = new LRUCache<string, number>(roomFor(MAX_NOTED));
  private isTelling = false;

  constructor(
    private readonly redis: RedisConnection,
    private readonly clock: Clock,
  ) {}

  /** The last operation on the customer in this process; null = none lately. */
  last(sub: string): Operation | null {
    return this.latest.get(sub) ?? null;
  }

  /**
   * When the last one in any process began, 0 = none since `since`, which is when Redis began to be told, as it may have
   * lost what it was told before. Null = there is no Redis that knows.
   */
  async lastAnywhere(sub: string): Promise<{ readonly begun: number; readonly since: number } | null> {
    const [reply, since] = await Promise.all([this.redis.evaluate(NOTED, `begun:${sub}`, []), this.toldSince()]);
    const [begun] = reply ?? [];
    return begun === undefined || since === null ? null : { begun, since };
  }

  private async toldSince(): Promise<number | null> {
    const reply = await this.redis.evaluate(SINCE, 'begun-since', [this.clock.now().getTime()]);
    return reply?.[0] ?? null;
  }

  /** @throws TryAgainError when too many wait already, or another process is long at it; nothing of `work` has begun then. */
  async run<T>(sub: string, work: () => Promise<T>): Promise<T> {
    const turn = this.turns.get(sub) ?? { tail: Promise.resolve(), waiting: 0 };
    if (turn.waiting > MAX_WAITING) throw new TryAgainError();
    const before = turn.waiting > 0 ? turn.tail : null;
    const mine = this.after(before, () => this.alone(sub, work));
    // One that gave up does not let the next one go ahead; what they answered is not kept.
    turn.tail = Promise.allSettled([before, mine]).then(() => undefined);
    turn.waiting++;
    this.turns.set(sub, turn);
    try {
      return await mine;
    } finally {
      turn.waiting--;
      if (turn.waiting === 0) this.turns.delete(sub);
    }
  }

  private async after<T>(before: Promise<unknown> | null, work: () => Promise<T>): Promise<T> {
    const patience = this.clock.now().getTime() + PATIENCE_MILLISECONDS;
    let isOver = before === null;
    const over = before?.then(() => {
      isOver = true;
    });
    while (!isOver) {
      if (this.clock.now().getTime() >= patience) throw new TryAgainError();
      await Promise.race([over, this.clock.sleep(POLL_MILLISECONDS)]);
    }
    return work();
  }

  private async alone<T>(sub: string, work: () => Promise<T>): Promise<T> {
    const lock = await this.lock(`customer:${sub}`);
    const begun = this.clock.now().getTime();
    this.latest.set(sub, { begun, ended: Number.POSITIVE_INFINITY, noted: null });
    const noted = this.redis.isUsed ? await this.note(sub, begun) : begun;
    try {
      return await work();
    } finally {
      this.latest.set(sub, { begun, ended: this.clock.now().getTime(), noted });
      if (noted === null) void this.tellLater(sub, begun);
      await lock?.release();
    }
  }

  /** When it began for all processes; null = Redis did not say. */
  private async note(sub: string, begun: number): Promise<number | null> {
    const [reply] = await Promise.all([
      this.redis.evaluate(NOTE, `begun:${sub}`, [begun, NOTED_SECONDS * 1000]),
      this.toldSince(),
    ]);
    return reply?.[0] ?? null;
  }

  /** Until the others know, they tell of this customer what a listing of before says. */
  private async tellLater(sub: string, begun: number): Promise<void> {
    this.untold.set(sub, begun);
    if (this.isTelling) return;
    this.isTelling = true;
    do {
      await this.clock.sleep(NOTE_MILLISECONDS);
      await this.tell();
    } while (this.untold.size > 0);
    this.isTelling = false;
  }

  /** As long as Redis answers; where it does not, the rest waits for the next time. */
  private async tell(): Promise<void> {
    for (const [sub, begun] of [...this.untold.entries()]) {
      const isOfUse = this.redis.isUsed && begun > this.clock.now().getTime() - NOTED_SECONDS * 1000;
      if (isOfUse && (await this.note(sub, begun)) === null) return;
      if (this.untold.peek(sub) === begun) this.untold.delete(sub);
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
