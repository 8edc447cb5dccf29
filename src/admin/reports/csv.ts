import type { UsageReportRow } from '../../usage/report/usage-report.model.js';
import type { ReportQuery } from './report-query.js';

const COLUMNS = ['user_id', 'username', 'email', 'plan', 'key_ids', 'from', 'to', 'used', 'is_exact', 'unattributed'];

/** How formulas begin: a spreadsheet would carry out what a customer wrote into an e-mail address. */
const FORMULA = /^\s*[=+\-@\t\r]/;

/** The report line by line, for spreadsheets. */
export function* asCsv({ plan, from, to }: ReportQuery, rows: Iterable<UsageReportRow>): Generator<string> {
  yield line(COLUMNS);
  for (const { userId, user, keyIds, used, isExact, unattributed } of rows) {
    const who = [userId ?? '', user?.username ?? '', user?.email ?? ''];
    yield line([...who, plan, keyIds.join(' '), from, to, used, String(isExact), unattributed]);
  }
}

function line(cells: readonly (string | number)[]): string {
  return `${cells.map(cell).join(',')}\r\n`;
}

function cell(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
