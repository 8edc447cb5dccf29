import { setTimeout as pause } from 'node:timers/promises';
import { type Act, ask, type Reply } from './client.js';
import type { Account } from './sandbox-process.js';
import type { Tally } from './tally.js';

const ASK_AGAIN_SECONDS = 2;
const LOST_SECONDS = 0.3;

/** One customer with several impatient tabs, each of which sends the first subscription to another server. */
export class Newcomer {
  /** From the first click to the key in hand. */
  seconds = Number.POSITIVE_INFINITY;
  /** Values handed out. */
  readonly keys = new Set<string>();

  private began = 0;

  constructor(
    private readonly account: Account,
    private readonly tally: Tally,
  ) {}

  async arrive(servers: readonly string[]): Promise<void> {
    this.began = performance.now();
    await Promise.all(servers.map((server) => this.persist(server)));
    if (this.keys.size === 0) throw new Error(`${this.account.username} has no key`);
  }

  /** Until one of the tabs has the key in hand. */
  private async persist(server: string): Promise<void> {
    let act: Act = { do: 'subscribe', plan: 'free' };
    while (this.keys.size === 0) {
      const reply = await ask(server, this.account.token, act);
      this.tally.heard(reply);
      const key = reply.kind === 'answered' ? reply.outcome.key : null;
      if (key) {
        if (this.keys.size === 0) this.seconds = (performance.now() - this.began) / 1000;
        this.keys.add(key.value);
        return;
      }
      if (reply.kind === 'turned away' || reply.kind === 'broken') return;
      if (reply.kind === 'answered') act = { do: 'reveal' };
      await pause(secondsAfter(reply) * 1000);
    }
  }
}

function secondsAfter(reply: Reply): number {
  if (reply.kind === 'try again') return reply.seconds;
  return reply.kind === 'lost' ? LOST_SECONDS : ASK_AGAIN_SECONDS;
}
