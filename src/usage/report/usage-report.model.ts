import { ArgsType, Field, ID, Int, ObjectType } from '@nestjs/graphql';
import { type Page, PageArgs, PageInfo } from '../../paging.js';
import { type CalendarDate, CountScalar, DateScalar, DateTimeScalar } from '../../scalars.js';
import type { Customer } from '../../subscriptions/customer.js';
import { toUser, User } from '../../subscriptions/user.model.js';
import { DailyUsage } from '../usage.model.js';
import type { PlanCalls } from './calls-on-plan.js';

@ObjectType({
  description:
    'What one user called on the plan, over all keys: what AWS reports, and what was written down of keys when they left the ' +
    'plan (a change of plan, a rotation, a suspension, a cancellation), where AWS reports less of them.',
})
export class UsageReportRow {
  @Field(() => ID, {
    nullable: true,
    description:
      'The `sub` of the user; null for a key that is none of ours, or that was deleted: its calls are in the row of its user as well.',
  })
  readonly userId: string | null;

  @Field(() => User, {
    nullable: true,
    description: 'Null for a user who is gone, and for a key that is none of ours.',
  })
  get user(): User | null {
    const customer = this.userId === null ? null : this.find(this.userId);
    return customer && !customer.desired.isGone ? toUser(customer) : null;
  }

  @Field(() => [ID], {
    description:
      'The keys that the calls were made with, retired ones included; of deleted ones the ids are not known any more.',
  })
  readonly keyIds: readonly string[];

  @Field(() => CountScalar, {
    description: 'Calls on all these days: no call twice, and none that may be of other days.',
  })
  readonly used: number;

  @Field(() => CountScalar, {
    description:
      'At most so many calls more, on this plan or another: customers who change keys and plans very often have what was ' +
      'written down of them put together, so that no plan can be told of it. The same calls stand in the report of every plan.',
  })
  readonly unattributed: number;

  @Field(() => Boolean, {
    description:
      'Whether `used` is every call that AWS has counted, and no other. False where a key left the plan and what was written ' +
      'down then is not for just these days, is not settled (until a sweep after AWS has reported it), may be an estimate, may ' +
      'be gone, or is of no plan any more (`unattributed`): look before you bill.',
  })
  readonly isExact: boolean;

  @Field(() => [DailyUsage], {
    description:
      'Calls by UTC day; days without calls are left out. What is only written down stands on the last day on the plan, or the ' +
      'last one asked for.',
  })
  readonly daily: readonly DailyUsage[];

  /** `find` looks them up when they are asked for: a report that held them would hold the whole listing of its moment. */
  constructor(
    userId: string | null,
    private readonly find: (sub: string) => Customer | null,
    { keyIds, days, isExact, unattributed }: PlanCalls,
  ) {
    const calls = new Map<CalendarDate, number>();
    for (const { date, used } of days) calls.set(date, (calls.get(date) ?? 0) + used);
    this.userId = userId;
    this.keyIds = keyIds;
    this.used = days.reduce((sum, { used }) => sum + used, 0);
    this.unattributed = unattributed;
    this.isExact = isExact;
    this.daily = [...calls]
      .filter(([, used]) => used > 0)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([date, used]) => new DailyUsage(date, used));
  }

  /** What the row is told apart by. */
  get id(): string {
    return this.userId ?? this.keyIds.join();
  }
}

/** Calls on one plan over some days, by customer, in the order of their ids. */
export interface UsageReport {
  readonly asOf: Date;
  /** Whether nobody who is a user still can be missing. */
  readonly isComplete: boolean;
  readonly rows: readonly UsageReportRow[];
}

@ObjectType({ description: 'A row of a report, and where in it the row stands.' })
export class UsageReportEdge {
  @Field(() => String, { description: 'What `after` takes to go on behind this row.' })
  readonly cursor: string;

  @Field(() => UsageReportRow, { description: 'The row.' })
  readonly node: UsageReportRow;

  constructor(cursor: string, node: UsageReportRow) {
    this.cursor = cursor;
    this.node = node;
  }
}

@ObjectType({
  description:
    'A page of the report, by `userId` (a key of nobody by its own id) and not by calls: those go on while you ask for ' +
    'page after page, and so nobody is left out.',
})
export class UsageReportConnection {
  @Field(() => [UsageReportEdge], { description: 'The rows of this page.' })
  readonly edges: readonly UsageReportEdge[];

  @Field(() => PageInfo, { description: 'Whether there is more.' })
  readonly pageInfo: PageInfo;

  @Field(() => Int, { description: 'How many rows there are, on all pages.' })
  readonly totalCount: number;

  @Field(() => DateTimeScalar, {
    description: 'When AWS was asked; a later page may be newer. What it answers lags behind.',
  })
  readonly asOf: Date;

  @Field(() => Boolean, {
    description:
      'Whether nobody can be missing who is a user still. False where days are asked for from which on more than 33 days have ' +
      'passed: what was written down of keys that left the plan is not kept longer.',
  })
  readonly isComplete: boolean;

  constructor({ edges, pageInfo, totalCount }: Page<UsageReportRow>, { asOf, isComplete }: Omit<UsageReport, 'rows'>) {
    this.edges = edges.map(({ cursor, node }) => new UsageReportEdge(cursor, node));
    this.pageInfo = pageInfo;
    this.totalCount = totalCount;
    this.asOf = asOf;
    this.isComplete = isComplete;
  }
}

@ArgsType()
export class UsageReportArgs extends PageArgs {
  @Field(() => String, { description: 'The code of the plan.' })
  readonly plan!: string;

  @Field(() => DateScalar, { description: 'The first UTC day.' })
  readonly from!: CalendarDate;

  @Field(() => DateScalar, { description: 'The last UTC day; at most 92 days in all.' })
  readonly to!: CalendarDate;
}
