import type { DayUsage, UsagePlan } from '../../src/aws/usage-plans.js';
import { dayOf } from '../../src/clock.js';
import { firstDay, type QuotaPeriodName } from '../../src/plans/quota-period.js';

/** What AWS does not document, so that Turnpike must bear both. */
export interface Habits {
  /** Whether a key that leaves a plan and comes back finds what remained. */
  readonly countersSurviveDetach: boolean;
  /** Whether usage can be read of a key that is not in the plan any more. */
  readonly usageOutlivesDetach: boolean;
  /** Whether a day without calls is reported once its remaining calls were set. */
  readonly reportsIdleDays: boolean;
  /** How late calls show in reports. */
  readonly lagSeconds: number;
  /** How many writes a list may be behind, for half a minute. */
  readonly listsBehind: number;
}

export const TIMELY: Habits = {
  countersSurviveDetach: true,
  usageOutlivesDetach: true,
  reportsIdleDays: false,
  lagSeconds: 0,
  listsBehind: 0,
};

interface CountedEvent {
  readonly at: number;
  readonly used: 0 | 1;
  readonly remaining: number;
}

/** API Gateway's counter of one key on one plan. */
export class Counter {
  private events: CountedEvent[] = [];
  private period: string;
  private left: number;
  private wasAttached = false;
  private tokens: { readonly at: number; readonly count: number };

  constructor(
    private readonly plan: UsagePlan,
    private readonly habits: Habits,
    at: number,
  ) {
    this.period = this.periodOf(at);
    this.left = this.limit;
    this.tokens = { at, count: plan.throttle?.burstLimit ?? 0 };
  }

  copy(): Counter {
    const copy = new Counter(this.plan, this.habits, 0);
    return Object.assign(copy, this, { events: [...this.events] });
  }

  remaining(at: number): number {
    if (this.period !== this.periodOf(at)) this.left = this.limit;
    this.period = this.periodOf(at);
    return this.left;
  }

  attached(): void {
    if (this.wasAttached && !this.habits.countersSurviveDetach) this.left = this.limit;
    this.wasAttached = true;
  }

  set(remaining: number, at: number): void {
    this.period = this.periodOf(at);
    this.left = remaining;
    this.events.push({ at, used: 0, remaining });
  }

  /** One call; whether it was let through. The throttle matters only where reports are late. */
  call(at: number): boolean {
    if (this.plan.quota && this.remaining(at) <= 0) return false;
    if (this.habits.lagSeconds > 0 && !this.takeToken(at)) return false;
    if (this.plan.quota) this.left -= 1;
    this.events.push({ at, used: 1, remaining: this.left });
    return true;
  }

  report(from: string, to: string, at: number): DayUsage[] {
    const days = new Map<string, DayUsage>();
    for (const { used, remaining, at: then } of this.events) {
      if (then > at - this.habits.lagSeconds * 1000) continue;
      const date = dayAt(then);
      if (date < from || date > to) continue;
      const known = days.get(date);
      if (known || used === 1 || this.habits.reportsIdleDays) {
        days.set(date, { date, used: (known?.used ?? 0) + used, remaining });
      }
    }
    return [...days.values()];
  }

  private takeToken(at: number): boolean {
    const { rateLimit = 0, burstLimit = 0 } = this.plan.throttle ?? {};
    const grown = this.tokens.count + ((at - this.tokens.at) / 1000) * rateLimit;
    const count = Math.min(burstLimit, grown);
    this.tokens = { at, count: count < 1 ? count : count - 1 };
    return count >= 1;
  }

  private periodOf(at: number): string {
    return periodAt(this.plan.quota?.period ?? 'MONTH', at);
  }

  private get limit(): number {
    return this.plan.quota?.limit ?? 0;
  }
}

const DAY_MILLISECONDS = 86_400_000;
const known = new Map<string, string>();

/** The first day of the period; asked for with every call, so it is worked out once a day. */
export function periodAt(period: QuotaPeriodName, at: number): string {
  return remembered(period, at, () => firstDay(period, new Date(at)));
}

export function dayAt(at: number): string {
  return remembered('', at, () => dayOf(new Date(at)));
}

function remembered(kind: string, at: number, work: () => string): string {
  const name = kind + Math.floor(at / DAY_MILLISECONDS);
  const there = known.get(name) ?? work();
  known.set(name, there);
  return there;
}
