import type { DayUsage } from '../../src/aws/usage-plans.js';
import { dayOf } from '../../src/clock.js';
import { firstDay } from '../../src/plans/quota-period.js';

/** The plans on offer. All count by the month: a plan by the day counts its own period only, whatever came before. */
export const PLANS = {
  free: { quota: { limit: 100, period: 'MONTH' }, throttle: { rateLimit: 1, burstLimit: 20 } },
  basic: { quota: { limit: 120, period: 'MONTH' }, throttle: { rateLimit: 1, burstLimit: 20 } },
  pro: { quota: { limit: 1000, period: 'MONTH' }, throttle: { rateLimit: 10, burstLimit: 100 } },
  unlimited: { quota: null, throttle: { rateLimit: 10, burstLimit: 100 } },
} as const;

export type PlanCode = keyof typeof PLANS;

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
}

interface CountedEvent {
  readonly at: number;
  readonly used: 0 | 1;
  readonly remaining: number;
}

/** API Gateway's counter of one key on one plan. */
export class Counter {
  private readonly events: CountedEvent[] = [];
  private period: string;
  private left: number;
  private wasAttached = false;
  private tokens: { at: number; count: number };

  constructor(
    private readonly plan: PlanCode,
    private readonly habits: Habits,
    at: number,
  ) {
    this.period = monthOf(at);
    this.left = this.limit;
    this.tokens = { at, count: PLANS[plan].throttle.burstLimit };
  }

  remaining(at: number): number {
    if (this.period !== monthOf(at)) this.left = this.limit;
    this.period = monthOf(at);
    return this.left;
  }

  attached(): void {
    if (this.wasAttached && !this.habits.countersSurviveDetach) this.left = this.limit;
    this.wasAttached = true;
  }

  set(remaining: number, at: number): void {
    this.period = monthOf(at);
    this.left = remaining;
    this.events.push({ at, used: 0, remaining });
  }

  /** One call; whether it was let through. The throttle matters only where reports are late. */
  call(at: number): boolean {
    if (PLANS[this.plan].quota && this.remaining(at) <= 0) return false;
    if (this.habits.lagSeconds > 0 && !this.takeToken(at)) return false;
    if (PLANS[this.plan].quota) this.left -= 1;
    this.events.push({ at, used: 1, remaining: this.left });
    return true;
  }

  report(from: string, to: string, at: number): DayUsage[] {
    const days = new Map<string, DayUsage>();
    const seen = this.events.filter((event) => event.at <= at - this.habits.lagSeconds * 1000);
    for (const { used, remaining, at: then } of seen) {
      const date = dayOf(new Date(then));
      if (date < from || date > to) continue;
      const isShown = days.has(date) || used === 1 || this.habits.reportsIdleDays;
      if (isShown) days.set(date, { date, used: (days.get(date)?.used ?? 0) + used, remaining });
    }
    return [...days.values()];
  }

  private takeToken(at: number): boolean {
    const { rateLimit, burstLimit } = PLANS[this.plan].throttle;
    const grown = this.tokens.count + ((at - this.tokens.at) / 1000) * rateLimit;
    this.tokens = { at, count: Math.min(burstLimit, grown) };
    if (this.tokens.count < 1) return false;
    this.tokens.count -= 1;
    return true;
  }

  private get limit(): number {
    return PLANS[this.plan].quota?.limit ?? 0;
  }
}

const DAY_MILLISECONDS = 86_400_000;
const months = new Map<number, string>();

/** The first day of the month; asked for with every call, so it is worked out once a day. */
export function monthOf(at: number): string {
  const day = Math.floor(at / DAY_MILLISECONDS);
  const month = months.get(day) ?? firstDay('MONTH', new Date(at));
  months.set(day, month);
  return month;
}
