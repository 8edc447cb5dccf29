import { Args, Query, Resolver } from '@nestjs/graphql';
import { AdminOnly } from '../../auth/access.decorator.js';
import { UsageReportArgs, UsageReportConnection } from '../../usage/report/usage-report.model.js';
import { UsageReports } from '../../usage/report/usage-report.service.js';

/** Reports over all users. */
@AdminOnly()
@Resolver()
export class ReportsResolver {
  constructor(private readonly reports: UsageReports) {}

  @Query(() => UsageReportConnection, {
    description:
      'Who called how much on a plan. The same as a file: `GET /admin/usage.csv?plan=…&from=…&to=…`. While AWS takes longer ' +
      'to answer than a request may last, it says TRY_AGAIN, and has the report ready soon.',
  })
  usageReport(@Args() { first, after, ...asked }: UsageReportArgs): Promise<UsageReportConnection> {
    return this.reports.page(asked, { first, after });
  }
}
