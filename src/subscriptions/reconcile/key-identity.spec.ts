import { describe, expect, it } from '@jest/globals';
import { ConfiguredKeySecrets } from '../../aws/secrets/configured-key-secrets.js';
import type { Config } from '../../config.js';
import { KeyIdentity } from './key-identity.js';

const SUB = '0f4b1c2d-1111-2222-3333-444455556666';
const OLD = 'an-old-secret-that-is-long-enough-0123456789';
const NEW = 'a-new-secret-that-is-long-enough-9876543210';

function identity(...keySecrets: [string, ...string[]]): KeyIdentity {
  const config = { keySecrets, userPoolId: 'us-east-1_Pool1', keyPrefix: 'turnpike' } as unknown as Config;
  return new KeyIdentity(config, new ConfiguredKeySecrets(config));
}

describe('the identity of a key', () => {
  it('is the same for everybody who makes the same key, and another for any other', () => {
    const values = [1, 2, 3].map((generation) => identity(OLD).value(SUB, generation).reveal());
    expect(identity(OLD).value(SUB, 1).reveal()).toBe(values[0]);
    expect(
      new Set([...values, identity(NEW).value(SUB, 1).reveal(), identity(OLD).value('other', 1).reveal()]).size,
    ).toBe(5);
  });

  it('has a value that API Gateway accepts: letters and digits, 40 to 128 of them', () => {
    for (let generation = 1; generation <= 200; generation++) {
      expect(identity(OLD).value(SUB, generation).reveal()).toMatch(/^[A-Za-z0-9]{40,128}$/);
    }
  });

  it('reads back the generation of its own names only', () => {
    const { name } = { name: identity(OLD).name(SUB, 12) };
    expect(name).toBe(`turnpike.us-east-1_Pool1.${SUB}.000012`);
    expect(identity(OLD).generation(SUB, name)).toBe(12);
    expect(identity(OLD).generation(SUB.slice(0, -1), name)).toBeNull();
    expect(identity(OLD).generation(SUB, `${name}0`)).toBeNull();
    expect(identity(OLD).generation(SUB, name.replace('Pool1', 'Pool2'))).toBeNull();
  });

  it('knows keys and signatures of an older secret while both are configured', () => {
    const value = identity(OLD).value(SUB, 3);
    const signature = identity(OLD).sign(SUB, 'pro');
    expect(identity(NEW, OLD).isValue(value, SUB, 3)).toBe(true);
    expect(identity(NEW, OLD).isSigned(SUB, 'pro', signature)).toBe(true);
    expect(identity(NEW).isValue(value, SUB, 3)).toBe(false);
    expect(identity(NEW).isSigned(SUB, 'pro', signature)).toBe(false);
  });

  it.each([
    ['another plan', SUB, 'free'],
    ['another customer', 'somebody-else', 'pro'],
  ])('does not take a signature for %s', (_, sub, plan) => {
    expect(identity(OLD).isSigned(sub, plan, identity(OLD).sign(SUB, 'pro'))).toBe(false);
  });

  it.each(['', 'x', '====', 'ü'])('does not take %j for a signature', (signature) => {
    expect(identity(OLD).isSigned(SUB, 'pro', signature)).toBe(false);
  });
});
