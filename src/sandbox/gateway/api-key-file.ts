import { badRequest } from './replies.js';

/** One row of an API key file. */
export interface ApiKeyRow {
  /** Counted from 1, the header not included. */
  readonly number: number;
  readonly name: string;
  readonly value: string;
  readonly description: string | undefined;
  readonly enabled: boolean;
  readonly usagePlanIds: readonly string[];
}

/** Reads an API key file: a header in any order and case, then one key a row. Columns it does not know are ignored. */
export function readApiKeyFile(text: string): ApiKeyRow[] {
  const [header = [], ...rows] = records(text);
  const columns = header.map((title) => title.trim().toLowerCase());
  if (!columns.includes('name') || !columns.includes('key'))
    throw badRequest('API Key file must contain the columns Name and Key');
  return rows.map((fields, index) => {
    const cell = (title: string) => fields[columns.indexOf(title)]?.trim() ?? '';
    return {
      number: index + 1,
      name: cell('name'),
      value: cell('key'),
      description: cell('description') || undefined,
      enabled: cell('enabled') === '' || cell('enabled').toLowerCase() === 'true',
      usagePlanIds: cell('usageplanids')
        .split(',')
        .map((id) => id.trim())
        .filter(Boolean),
    };
  });
}

/** Comma-separated records; a field may stand in single or double quotes, a doubled quote within is one. */
function records(text: string): string[][] {
  const field = /(?:"((?:[^"]|"")*)"|'((?:[^']|'')*)'|([^,\r\n]*))(,|\r?\n|\r|$)/gy;
  const found: string[][] = [];
  let fields: string[] = [];
  for (const [, double, single, plain = '', end] of text.matchAll(field)) {
    fields.push(double?.replaceAll('""', '"') ?? single?.replaceAll("''", "'") ?? plain);
    if (end === ',') continue;
    if (fields.some((value) => value !== '')) found.push(fields);
    fields = [];
    if (end === '') break;
  }
  return found;
}
