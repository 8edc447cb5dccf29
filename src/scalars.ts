import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql';

/** A UTC calendar day as text, `YYYY-MM-DD`. */
export type CalendarDate = string;

const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

function textOf(node: ValueNode, name: string): unknown {
  if (node.kind === Kind.STRING) return node.value;
  throw badInput(name, 'a string');
}

function badInput(name: string, wanted: string): GraphQLError {
  return new GraphQLError(`${name} must be ${wanted}.`, { extensions: { code: 'BAD_USER_INPUT' } });
}

function toMoment(value: unknown): Date {
  const moment = typeof value === 'string' && DATE_TIME.test(value) ? new Date(value) : null;
  if (!moment || Number.isNaN(moment.getTime()) || !isCalendarDay(String(value).slice(0, 10))) {
    throw badInput('DateTime', 'an ISO 8601 date and time with an offset, such as 2026-11-21T09:30:00Z');
  }
  return moment;
}

function toDay(value: unknown): CalendarDate {
  if (typeof value === 'string' && isCalendarDay(value)) return value;
  throw badInput('Date', 'a calendar day such as 2026-11-21');
}

function isCalendarDay(text: string): boolean {
  const moment = new Date(`${text}T00:00:00Z`);
  return DATE.test(text) && !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(text);
}

function toCount(value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw badInput('Count', 'a whole number from 0 to 9007199254740991');
}

export const DateTimeScalar = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  description: 'A moment in UTC, ISO 8601: `2026-11-21T09:30:00.000Z`.',
  serialize: (value) => (value as Date).toISOString(),
  parseValue: toMoment,
  parseLiteral: (node) => toMoment(textOf(node, 'DateTime')),
});

export const DateScalar = new GraphQLScalarType<CalendarDate, string>({
  name: 'Date',
  description: 'A UTC calendar day: `2026-11-21`.',
  serialize: toDay,
  parseValue: toDay,
  parseLiteral: (node) => toDay(textOf(node, 'Date')),
});

export const CountScalar = new GraphQLScalarType<number, number>({
  name: 'Count',
  description: 'A whole number of calls, at most 2^53 - 1.',
  serialize: toCount,
  parseValue: toCount,
  parseLiteral: (node) => {
    if (node.kind !== Kind.INT) throw badInput('Count', 'a whole number from 0 to 9007199254740991');
    return toCount(Number(node.value));
  },
});
