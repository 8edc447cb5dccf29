import { ArgsType, Field, ID, Int, ObjectType } from '@nestjs/graphql';
import type { DayUsage } from '../aws/usage-plans.js';
import { type Page, PageArgs, PageInfo } from '../paging.js';
import { type CalendarDate, CountScalar, DateScalar, DateTimeScalar } from '../scalars.js';
import type { Customer } from '../subscriptions/customer.js';
import { toUser, User } from '../subscriptions/user.model.js';
import { DailyUsage } from './usage.model.js';

@ObjectType({ description: 'What one user called on the plan, over all keys.' })
export class UsageReportRow {
  @Field(() => ID, { nullable: true, description: 'The `sub` of the user; null for a key that is none of ours.' })
  readonly userId: string | null;

  @Field(() => User, {
    nullable: true,
    description: 'Null for a user who is gone, and for a key that is none of ours.',
  })
  readonly user: User | null;

  @Field(() => [ID], { description: 'The keys that the calls were made with, retired ones included.' })
  readonly keyIds: readonly string[];

  @Field(() => CountScalar, { description: 'Calls on all these days.' })
  readonly used: number;

  @Field(() => [DailyUsage], { description: 'Calls by UTC day; days without calls are left out.' })
  readonly daily: readonly DailyUsage[];

  constructor(userId: string | null, customer: Customer | null, keyIds: readonly string[], days: readonly DayUsage[]) {
    const calls = new Map<CalendarDate, number>();
    for (const { date, used } of days) calls.set(date, (calls.get(date) ?? 0) + used);
    this.userId = userId;
    this.user = customer && toUser(customer);
    this.keyIds = keyIds;
    this.used = days.reduce((sum, { used }) => sum + used, 0);
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

  constructor({ edges, pageInfo, totalCount }: Page<UsageReportRow>, asOf: Date) {
    this.edges = edges.map(({ cursor, node }) => new UsageReportEdge(cursor, node));
    this.pageInfo = pageInfo;
    this.totalCount = totalCount;
    this.asOf = asOf;
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
