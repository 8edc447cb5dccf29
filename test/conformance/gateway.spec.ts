import * as sdk from '@aws-sdk/client-api-gateway';
import { describe, expect, it } from '@jest/globals';
import { GATEWAY } from './gateway/table.js';
import { conform } from './gateway-rows.js';

for (const { title, rows } of GATEWAY) conform(title, rows);

describe('the table of API Gateway', () => {
  const rows = GATEWAY.flatMap((section) => section.rows);

  it('names every fact once', () => {
    const ids = rows.map(({ id }) => id);
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
  });

  it('says for every fact what is expected and where it is known from', () => {
    expect(rows.filter(({ what, source }) => what.trim() === '' || source.trim() === '')).toEqual([]);
    expect(rows.length).toBeGreaterThanOrEqual(150);
  });

  it('holds the words of AWS where it says that they were recorded', () => {
    expect(rows.filter(({ basis, source }) => basis === 'recorded' && !/LocalStack|capture/.test(source))).toEqual([]);
  });
});

it('the SDK exports each operation as [9, namespace, name, traits, input, output]', () => {
  const operations = Object.values<unknown>(sdk).filter(isOperation);
  const [, namespace, , traits, input] = operations.find(([, , name]) => name === 'CreateUsagePlanKey') ?? [];
  expect(operations.length).toBeGreaterThanOrEqual(124);
  expect(operations.every(({ length }) => length === 6)).toBe(true);
  expect([namespace, traits]).toEqual([
    'com.amazonaws.apigateway',
    { http: ['POST', '/usageplans/{usagePlanId}/keys', 201] },
  ]);
  const structure: unknown = typeof input === 'function' ? input() : input;
  expect(Array.isArray(structure) && [...structure]).toEqual([
    3,
    'com.amazonaws.apigateway',
    'CreateUsagePlanKeyRequest',
    0,
    ['usagePlanId', 'keyId', 'keyType'],
    expect.anything(),
    3,
  ]);
});

function isOperation(value: unknown): value is [9, string, string, unknown, unknown, unknown] {
  return Array.isArray(value) && value[0] === 9;
}
