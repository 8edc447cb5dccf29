import { format, inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { Secret } from './secret.js';

const VALUE = 'abcdefghijklmnop1234';

describe('a secret', () => {
  const secret = new Secret(VALUE);

  it.each<[string, () => string]>([
    ['in a template string', () => `${secret}`],
    ['added to a text', () => `key: ${String(secret)}`],
    ['as JSON', () => JSON.stringify({ secret, list: [secret] })],
    ['inspected, hidden members too', () => inspect({ secret }, { showHidden: true, depth: 9 })],
    ['formatted for the console', () => format('%s %o %j %O', secret, secret, secret, secret)],
    ['in an error', () => String(new Error(`no ${secret}`, { cause: secret }).stack)],
    ['spread, copied and listed', () => JSON.stringify([{ ...secret }, Object.entries(secret), structuredClone({})])],
  ])('is not shown: %s', (_, show) => expect(show()).not.toContain(VALUE));

  it('is given away by reveal alone, and its last four characters by lastFour', () => {
    expect([secret.reveal(), secret.lastFour]).toEqual([VALUE, '1234']);
  });

  it('equals another of the same value, whatever the lengths', () => {
    expect(secret.equals(new Secret(VALUE))).toBe(true);
    expect(secret.equals(new Secret(`${VALUE}5`))).toBe(false);
    expect(secret.equals(new Secret(''))).toBe(false);
  });
});
