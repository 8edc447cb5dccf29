import { randomBytes } from 'node:crypto';
import { GetApiKeysCommand } from '@aws-sdk/client-api-gateway';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AwsUnavailableError, KeyQuotaExceededError } from '../../src/aws/failures.js';
import type { StoredKey } from '../../src/aws/key-store.js';
import { Secret } from '../../src/secret.js';
import { type Cloud, clouds } from '../support/clouds.js';
import { skipping } from '../support/moto.js';

const newValue = () => new Secret(randomBytes(20).toString('hex'));
const newPrefix = () => `p${randomBytes(6).toString('hex')}.`;

describe.each(clouds)('KeyStore, with $name', ({ name, can, missing, start }) => {
  if (skipping(`KeyStore with ${name}`, missing)) {
    it.skip(`is not here: ${missing}`, () => {});
    return;
  }

  let cloud: Cloud;
  beforeAll(async () => {
    cloud = await start();
  });
  afterAll(() => cloud.close());

  async function create(keyName = 'a-key', value = newValue(), description = 'about it'): Promise<StoredKey> {
    const key = await cloud.keys.create({ name: keyName, value, description, username: 'ada' });
    if (!key) throw new Error('the value exists already');
    return key;
  }

  it('makes a key that is enabled, with the value it was given', async () => {
    const value = newValue();
    const key = await create('one', value, 'a note');
    expect(key).toMatchObject({ name: 'one', description: 'a note', enabled: true });
    expect(key.value.equals(value)).toBe(true);
    expect(Math.abs(key.createdAt.getTime() - cloud.now().getTime())).toBeLessThan(60_000);
  });

  it('finds a key by its id, value and all', async () => {
    const value = newValue();
    const { id, createdAt } = await create('two', value);
    const found = await cloud.keys.find(id);
    expect(found).toMatchObject({ id, name: 'two', description: 'about it', enabled: true, createdAt });
    expect(found?.value.equals(value)).toBe(true);
  });

  it('answers null for an id that no key has, and for a key that was deleted', async () => {
    const { id } = await create();
    await cloud.deleteKey(id);
    expect(await cloud.keys.find(id)).toBeNull();
    expect(await cloud.keys.find('nosuchkey0')).toBeNull();
  });

  it('answers null, and makes nothing, when a key with that value exists under any name', async () => {
    const value = newValue();
    const prefix = newPrefix();
    await create(`${prefix}first`, value);
    expect(await cloud.keys.create({ name: `${prefix}second`, value, description: '', username: null })).toBeNull();
    expect((await cloud.keys.list(prefix)).map((key) => key.name)).toEqual([`${prefix}first`]);
  });

  it('lets exactly one of several creators of the same value win', async () => {
    const value = newValue();
    const prefix = newPrefix();
    const attempts = [1, 2, 3, 4, 5].map(() =>
      cloud.keys.create({ name: `${prefix}same`, value, description: 'raced', username: null }),
    );
    const made = (await Promise.all(attempts)).filter((key) => key !== null);
    expect(made).toHaveLength(1);
    expect(await cloud.keys.list(prefix)).toHaveLength(1);
  });

  it('lets several keys bear one name', async () => {
    const prefix = newPrefix();
    await create(`${prefix}x`);
    await create(`${prefix}x`);
    expect(await cloud.keys.list(prefix)).toHaveLength(2);
  });

  it('lists by the start of the name, case-sensitively, with values', async () => {
    const prefix = newPrefix();
    const value = newValue();
    const { id } = await create(`${prefix}1`, value);
    await create(`${prefix.toUpperCase()}1`);
    await create(`x${prefix}1`);
    const listed = await cloud.keys.list(prefix);
    expect(listed.map((key) => key.id)).toEqual([id]);
    expect(listed[0]?.value.equals(value)).toBe(true);
  });

  it('takes no character of the prefix for a pattern', async () => {
    const prefix = newPrefix();
    await create(`${prefix}a.c`);
    await create(`${prefix}abc`);
    expect(await cloud.keys.list(`${prefix}a.`)).toHaveLength(1);
    expect(await cloud.keys.list(`${prefix}%`)).toHaveLength(0);
    expect(await cloud.keys.list(`${prefix}*`)).toHaveLength(0);
  });

  it('lists disabled keys too, and none that was deleted', async () => {
    const prefix = newPrefix();
    const [off, gone] = [await create(`${prefix}off`), await create(`${prefix}gone`)];
    await cloud.keys.change(off.id, { enabled: false });
    await cloud.deleteKey(gone.id);
    expect(await cloud.keys.list(prefix)).toMatchObject([{ id: off.id, enabled: false }]);
  });

  it('lists all pages of a long list, each key once', async () => {
    const count = can.pages ? 1101 : 30;
    const prefix = newPrefix();
    await cloud.addKeys(prefix, count);
    const ids = (await cloud.keys.list(prefix)).map((key) => key.id);
    expect(ids).toHaveLength(count);
    expect(new Set(ids).size).toBe(count);
    const page = await cloud.gateway?.send(new GetApiKeysCommand({ nameQuery: prefix, limit: 10 }));
    if (page) expect(page.items).toHaveLength(can.pages ? 10 : count);
  });

  it('keeps the user name that is noted on a key, and null where there is none', async () => {
    const prefix = newPrefix();
    const noted = { name: `${prefix}noted`, value: newValue(), description: '', username: 'google_12345' };
    await cloud.keys.create(noted);
    await cloud.keys.create({ ...noted, name: `${prefix}other`, value: newValue(), username: null });
    const names = (await cloud.keys.list(prefix)).map(({ name: listed, username }) => [listed, username]);
    expect(names.sort()).toEqual([
      [`${prefix}noted`, 'google_12345'],
      [`${prefix}other`, null],
    ]);
  });

  it('deletes a key, in a plan or not, and again without complaint', async () => {
    const { id } = await create();
    const planId = await cloud.addPlan();
    await cloud.plans.attach(planId, id);
    await cloud.keys.delete(id);
    await cloud.keys.delete(id);
    expect(await cloud.keys.find(id)).toBeNull();
    expect(await cloud.plans.keysIn(planId)).toEqual(can.forgetsDeletedKeys ? [] : [id]);
  });

  it('tells when a key was last changed', async () => {
    const { id, createdAt, changedAt } = await create();
    expect(changedAt).toEqual(createdAt);
    if (!can.movesTime) return;
    cloud.forward(90);
    await cloud.keys.change(id, { enabled: false });
    const later = Number((await cloud.keys.find(id))?.changedAt) - createdAt.getTime();
    expect(later).toBeGreaterThanOrEqual(90_000);
  });

  it('changes only what it is told to, and all of it', async () => {
    const { id, value } = await create('before');
    expect(await cloud.keys.change(id, { description: 'kept', enabled: false, name: 'after' })).toBe(true);
    expect(await cloud.keys.find(id)).toMatchObject({ description: 'kept', enabled: false, name: 'after' });
    expect(await cloud.keys.change(id, { description: '' })).toBe(true);
    const found = await cloud.keys.find(id);
    expect(found).toMatchObject({ description: '', enabled: false, name: 'after' });
    expect(found?.value.equals(value)).toBe(true);
  });

  it('keeps a description of 2,000 characters to the letter', async () => {
    const description = JSON.stringify({ note: 'é"\\/~'.repeat(300) });
    const { id } = await create('long', newValue(), description);
    expect((await cloud.keys.find(id))?.description).toBe(description);
  });

  it('says false when it changes a key that is gone', async () => {
    const { id } = await create();
    await cloud.deleteKey(id);
    expect(await cloud.keys.change(id, { enabled: false })).toBe(false);
  });

  it('refuses a value of fewer than 20 characters as a fault', async () => {
    const outcome = await cloud.keys
      .create({ name: 'short', value: new Secret('x'.repeat(19)), description: '', username: 'ada' })
      .catch((error: unknown) => error);
    expect(outcome).toMatchObject({ name: 'BadRequestException' });
    expect(outcome).not.toBeInstanceOf(AwsUnavailableError);
  });

  if (can.limitsKeys) {
    it('says that the account is full, and not "try again", when it has no room for another key', async () => {
      const value = newValue();
      const { id } = await create('last', value);
      await cloud.fillUp();
      const outcome = await cloud.keys
        .create({ name: 'one too many', value: newValue(), description: '', username: 'ada' })
        .catch((error: unknown) => error);
      expect(outcome).toBeInstanceOf(KeyQuotaExceededError);
      expect(await cloud.keys.create({ name: 'again', value, description: '', username: 'ada' })).toBeNull();
      expect(await cloud.keys.find(id)).not.toBeNull();
    });
  }
});
