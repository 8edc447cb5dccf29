import { Readable } from 'node:stream';
import { Controller, Get, Header, Query, StreamableFile } from '@nestjs/common';
import { AdminOnly } from '../../auth/access.decorator.js';
import { UsageReports } from '../../usage/report/usage-report.service.js';
import { asCsv } from './csv.js';
import { GivenReport, type ReportQuery } from './report-query.js';

/** Reports as files. */
@AdminOnly()
@Controller('admin')
export class UsageCsvController {
  constructor(private readonly reports: UsageReports) {}

  @Get('usage.csv')
  @Header('cache-control', 'no-store')
  async usage(@Query(GivenReport) asked: ReportQuery): Promise<StreamableFile> {
    const { rows } = await this.reports.of(asked);
    const disposition = `attachment; filename="usage-${asked.plan}-${asked.from}-${asked.to}.csv"`;
    return new StreamableFile(Readable.from(asCsv(asked, rows)), { type: 'text/csv; charset=utf-8', disposition });
  }
}
