import { describe, expect, it } from '@jest/globals';
import { GraphQLError, parseValue } from 'graphql';
import { CountScalar, DateScalar, DateTimeScalar } from './scalars.js';

const scalars = { DateTime: DateTimeScalar, Date: DateScalar, Count: CountScalar };

/** Both ways in: as a variable, and written in the query. */
function read(name: keyof typeof scalars, value: unknown): unknown[] {
  const literal = typeof value === 'object' ? 'null' : JSON.stringify(value);
  return [
    () => scalars[name].parseValue(value),
    () => scalars[name].parseLiteral(typeof value === 'object' ? parseValue('[1]') : parseValue(literal)),
  ].map((way) => {
    try {
      return way();
    } catch (error) {
      return error instanceof GraphQLError ? error.extensions.code : error;
    }
  });
}

const REFUSED = ['BAD_USER_INPUT', 'BAD_USER_INPUT'];

describe('DateTime', () => {
  it.each([
    ['2026-11-21T09:30:00Z', '2026-11-21T09:30:00.000Z'],
    ['2026-11-21T09:30:00.123456789Z', '2026-11-21T09:30:00.123Z'],
    ['2026-11-21T09:30:00+05:30', '2026-11-21T04:00:00.000Z'],
    ['2028-02-29T23:59:59-11:00', '2028-03-01T10:59:59.000Z'],
  ])('takes %s for %s', (text, moment) => {
    expect(read('DateTime', text)).toEqual([new Date(moment), new Date(moment)]);
  });

  it.each([
    'tomorrow',
    '',
    '2026-11-21',
    '2026-11-21T09:30:00',
    '2026-11-21 09:30:00Z',
    '2026-02-30T00:00:00Z',
    '2027-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-11-21T24:30:00Z',
    '2026-11-21T09:60:00Z',
    '2026-11-21T09:30:00Z\n',
    ' 2026-11-21T09:30:00Z',
    '+12026-11-21T09:30:00Z',
    1_795_000_000_000,
    true,
    null,
    {},
  ])('refuses %j', (value) => expect(read('DateTime', value)).toEqual(REFUSED));

  it('is shown in UTC, to the millisecond', () => {
    expect(DateTimeScalar.serialize(new Date('2026-11-21T04:00:00Z'))).toBe('2026-11-21T04:00:00.000Z');
  });

  it.each([
    ['text', '2026-11-21T04:00:00Z'],
    ['no moment', new Date(Number.NaN)],
  ])('never shows %s', (_, value) => {
    expect(() => DateTimeScalar.serialize(value)).toThrow();
  });
});

describe('Date', () => {
  it.each(['2026-11-21', '2028-02-29', '0001-01-01'])('takes %s', (text) => {
    expect(read('Date', text)).toEqual([text, text]);
  });

  it.each(['2026-02-30', '2027-02-29', '2026-1-1', '20261121', '2026-11-21T00:00:00Z', '2026-11-21\n', '', 7, null])(
    'refuses %j',
    (value) => expect(read('Date', value)).toEqual(REFUSED),
  );

  it('never shows what is no day', () => expect(() => DateScalar.serialize('2026-02-30')).toThrow(GraphQLError));
});

describe('Count', () => {
  it.each([0, 1, 3_000_000_000, Number.MAX_SAFE_INTEGER])('takes %d', (count) => {
    expect(read('Count', count)).toEqual([count, count]);
  });

  it.each([-1, 1.5, 2 ** 53, '7', true, null])('refuses %j', (value) => {
    expect(read('Count', value)).toEqual(REFUSED);
  });

  it('never shows a part of a call, or fewer than none', () => {
    for (const value of [0.5, -1, Number.NaN]) expect(() => CountScalar.serialize(value)).toThrow(GraphQLError);
  });
});
