import { setTimeout as delay } from 'node:timers/promises';

/** Milliseconds between two calls: AWS's control-plane rates, with room for others in the account. */
const BETWEEN: Readonly<Record<string, number>> = {
  CreateApiKey: 500,
  DeleteApiKey: 500,
  UpdateUsagePlan: 21_000,
  CreateDeployment: 6000,
  CreateRestApi: 4000,
  DeleteRestApi: 31_000,
  CreateUserPool: 1000,
  DeleteUserPool: 1000,
};
const BETWEEN_ANY = 200;

/** Lets calls wait for their turn, each operation's own and that of all of them together. */
export class Pace {
  private readonly free = new Map<string, number>();

  constructor(
    private readonly factor: number,
    private readonly now: () => number = Date.now,
    private readonly wait: (milliseconds: number) => Promise<unknown> = delay,
  ) {}

  async turn(operation: string): Promise<void> {
    const own = BETWEEN[operation];
    const begin = Math.max(this.now(), this.free.get('') ?? 0, own === undefined ? 0 : (this.free.get(operation) ?? 0));
    this.free.set('', begin + BETWEEN_ANY * this.factor);
    if (own !== undefined) this.free.set(operation, begin + own * this.factor);
    if (begin > this.now()) await this.wait(begin - this.now());
  }
}
