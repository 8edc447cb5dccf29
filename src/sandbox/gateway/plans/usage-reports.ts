import type { ServiceHabits } from '../../habits/service-habits.js';
import type { SandboxClock } from '../../sandbox-clock.js';
import { Table } from '../../store.js';
import { type UsageDayRecord, UsageDayTable } from './usage-days.js';

/** What usage reports are made from: the counters themselves or, while usage lags, what they were a while ago. */
export class UsageReports {
  private late: UsageDayTable | null = null;
  private unreported: { readonly record: UsageDayRecord; readonly at: number }[] = [];

  constructor(
    private readonly counters: UsageDayTable,
    private readonly clock: SandboxClock,
    private readonly habits: ServiceHabits,
  ) {}

  /** Takes note of a counter that is about to change. */
  changing(record: UsageDayRecord): void {
    if (this.habits.settings.usageLagSeconds === 0) {
      if (this.late !== null) this.caughtUp();
      return;
    }
    this.begun();
    this.unreported.push({ record, at: this.clock.now().getTime() });
  }

  forget(usagePlanId: string, keyId: string): void {
    const isOther = ({ record }: { record: UsageDayRecord }) =>
      record.usagePlanId !== usagePlanId || record.keyId !== keyId;
    this.unreported = this.unreported.filter(isOther);
    this.late?.forget(usagePlanId, keyId);
  }

  days(): UsageDayTable {
    const { usageLagSeconds } = this.habits.settings;
    if (usageLagSeconds === 0) return this.caughtUp();
    const late = this.begun();
    const latest = this.clock.now().getTime() - usageLagSeconds * 1000;
    const tooYoung = this.unreported.findIndex(({ at }) => at > latest);
    const due = this.unreported.splice(0, tooYoung < 0 ? this.unreported.length : tooYoung);
    for (const { record } of due) late.put(record);
    return late;
  }

  private caughtUp(): UsageDayTable {
    this.late = null;
    this.unreported = [];
    return this.counters;
  }

  /** What was counted before usage began to lag has been reported. */
  private begun(): UsageDayTable {
    if (this.late === null) {
      this.late = new UsageDayTable(new Table(() => {}));
      for (const record of this.counters.all()) this.late.put(record);
    }
    return this.late;
  }
}
