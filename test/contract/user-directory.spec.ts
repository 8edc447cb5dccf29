import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AwsUnavailableError } from '../../src/aws/failures.js';
import { type Cloud, clouds } from '../support/clouds.js';
import { skipping } from '../support/moto.js';

describe.each(clouds)('UserDirectory, with $name', ({ name, can, missing, start }) => {
  if (skipping(`UserDirectory with ${name}`, missing)) {
    it.skip(`is not here: ${missing}`, () => {});
    return;
  }

  let cloud: Cloud;
  beforeAll(async () => {
    cloud = await start();
  });
  afterAll(() => cloud.close());

  it('tells who a user is, and every attribute, sub and e-mail included', async () => {
    const { sub, username, email } = await cloud.addUser();
    const user = await cloud.users.find(username);
    expect(user).toMatchObject({ sub, username, enabled: true, status: 'CONFIRMED', attributes: { sub, email } });
    expect(Math.abs(Number(user?.createdAt) - cloud.now().getTime())).toBeLessThan(60_000);
  });

  it('answers null for a user name that nobody bears', async () => {
    expect(await cloud.users.find(randomUUID())).toBeNull();
  });

  it('answers null for a user who was deleted', async () => {
    const { username } = await cloud.addUser();
    await cloud.deleteUser(username);
    expect(await cloud.users.find(username)).toBeNull();
  });

  it('finds a user by sub, whatever the user name, and nobody by half a sub or a quoted one', async () => {
    const { sub, username } = await cloud.addUser();
    expect(await cloud.users.findBySub(sub)).toMatchObject({ sub, username });
    expect(await cloud.users.findBySub(sub.slice(0, -1))).toBeNull();
    expect(await cloud.users.findBySub(`${sub}" or "`)).toBeNull();
  });

  it('lists every user once, over all pages, with every attribute', async () => {
    const added: { sub: string; username: string }[] = [];
    for (let i = 0; i < 65; i++) added.push(await cloud.addUser());
    await cloud.users.write(added[0]?.username ?? '', { 'custom:plan': 'free' });
    const users = [];
    for await (const page of cloud.users.pages()) users.push(...page);
    const subs = users.map(({ sub }) => sub);
    expect(new Set(subs).size).toBe(subs.length);
    expect(subs).toEqual(expect.arrayContaining(added.map(({ sub }) => sub)));
    expect(users.find(({ sub }) => sub === added[0]?.sub)).toEqual(await cloud.users.find(added[0]?.username ?? ''));
  });

  it('shows that a user is disabled', async () => {
    const { username } = await cloud.addUser();
    await cloud.disableUser(username);
    expect(await cloud.users.find(username)).toMatchObject({ enabled: false });
  });

  it('writes several attributes in one call and leaves the others as they are', async () => {
    const { username, email } = await cloud.addUser();
    await cloud.users.write(username, { 'custom:plan': 'free' });
    expect(await cloud.users.write(username, { 'custom:key_gen': '7', 'custom:key_floor': '6;{}' })).toBe(true);
    expect((await cloud.users.find(username))?.attributes).toMatchObject({
      email,
      'custom:plan': 'free',
      'custom:key_gen': '7',
      'custom:key_floor': '6;{}',
    });
  });

  it('shows a write to the next reader, and that the user was changed', async () => {
    const { username } = await cloud.addUser();
    const before = await cloud.users.find(username);
    await cloud.users.write(username, { 'custom:plan': 'pro' });
    const after = await cloud.users.find(username);
    expect(after?.attributes['custom:plan']).toBe('pro');
    expect(Number(after?.modifiedAt)).toBeGreaterThanOrEqual(Number(before?.modifiedAt));
  });

  it('removes an attribute that is written as null', async () => {
    const { username } = await cloud.addUser();
    await cloud.users.write(username, { 'custom:plan': 'free', 'custom:key_gen': '1' });
    await cloud.users.write(username, { 'custom:plan': null });
    const attributes = (await cloud.users.find(username))?.attributes;
    expect(attributes).toMatchObject({ 'custom:key_gen': '1' });
    expect(attributes?.['custom:plan']).toBe(can.removesBlankAttributes ? undefined : '');
  });

  it('says false when it writes to a user who is gone, and brings nobody back', async () => {
    const { username } = await cloud.addUser();
    await cloud.deleteUser(username);
    expect(await cloud.users.write(username, { 'custom:plan': 'free' })).toBe(false);
    expect(await cloud.users.find(username)).toBeNull();
  });

  it('refuses an attribute that the pool does not have as a fault, and writes none of that call', async () => {
    const { username } = await cloud.addUser();
    const written = cloud.users.write(username, { 'custom:plan': 'free', 'custom:no_such': '1' });
    const outcome = await written.catch((error: unknown) => error);
    const stored = (await cloud.users.find(username))?.attributes['custom:plan'];
    if (can.knowsItsSchema) {
      expect(outcome).toMatchObject({ name: 'InvalidParameterException' });
      expect(outcome).not.toBeInstanceOf(AwsUnavailableError);
    } else expect(outcome).toBe(true);
    expect(stored).toBe(can.knowsItsSchema ? undefined : 'free');
  });

  it('refuses a value of more than 2,048 characters as a fault', async () => {
    const { username } = await cloud.addUser();
    expect(await cloud.users.write(username, { 'custom:key_floor': 'x'.repeat(2048) })).toBe(true);
    const tooLong = cloud.users.write(username, { 'custom:key_floor': 'y'.repeat(2049) });
    if (can.knowsItsSchema) await expect(tooLong).rejects.toMatchObject({ name: 'InvalidParameterException' });
    else expect(await tooLong).toBe(true);
  });

  it('tells every group that a user is in, over all pages, and none that was left', async () => {
    const { username } = await cloud.addUser();
    expect(await cloud.users.groupsOf(username)).toEqual([]);
    const groups = Array.from({ length: 65 }, (_, i) => `group-${i}`);
    await cloud.join(username, groups);
    expect([...(await cloud.users.groupsOf(username))].sort()).toEqual([...groups].sort());
    await cloud.leave(username, 'group-7');
    expect(await cloud.users.groupsOf(username)).toHaveLength(64);
    expect(await cloud.users.groupsOf(username)).not.toContain('group-7');
  });

  it('says that somebody who is not there is in no group', async () => {
    const { username } = await cloud.addUser();
    await cloud.deleteUser(username);
    expect(await cloud.users.groupsOf(username)).toEqual([]);
    expect(await cloud.users.groupsOf(randomUUID())).toEqual([]);
  });
});
