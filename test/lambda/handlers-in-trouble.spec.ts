import { AdminDeleteUserCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import * as lambda from '../../src/lambda.js';
import { USER_POOL_ID } from '../../src/sandbox/seed.js';
import type { World } from '../support/world.js';
import { confirmation, endOf, listen, signUp, worldWithHandlers } from './newcomers.js';

describe('the handlers for AWS Lambda, in trouble', () => {
  let world: World;

  beforeAll(async () => {
    world = await worldWithHandlers();
  });
  afterEach(() => {
    world.sandbox.habits.reset();
    listen(world);
  });
  afterAll(() => endOf(world));

  describe('an instance that cannot start', () => {
    it('lets people sign up, says why in the log, starts when it can, and records the plan before it knows the catalogue', async () => {
      const secret = process.env.KEY_SECRET;
      delete process.env.KEY_SECRET;
      const ada = await signUp(world);
      await expect(lambda.authorizer({ methodArn: 'x', authorizationToken: ada.idToken })).rejects.toThrow(
        'KEY_SECRET',
      );
      process.env.KEY_SECRET = secret;
      world.sandbox.habits.addFault({ operation: 'GetUsagePlans', kind: 'hang', milliseconds: 3000 });
      expect(ada.accessToken).not.toBe('');
      expect(world.log.text).toContain('KEY_SECRET');
      expect((await (await signUp(world)).me()).subscription).toMatchObject({
        planCode: 'free',
        state: 'PROVISIONING',
      });
    });
  });

  describe('postConfirmation', () => {
    it('answers in time when API Gateway hangs; the plan is recorded, and a sweep finishes it', async () => {
      world.sandbox.habits.addFault({ operation: 'CreateApiKey', kind: 'hang' });
      const ada = await signUp(world);
      world.sandbox.habits.reset();
      expect(await ada.attributes()).toMatchObject({ 'custom:plan': 'free' });
      await lambda.sweep();
      expect(await ada.liveKeys()).toMatchObject([{ plans: ['free'] }]);
    });

    it('lets somebody in without a plan when not even Cognito answers, and says so', async () => {
      const who = await world.customer();
      world.sandbox.habits.addFault({ operation: 'AdminGetUser', kind: 'before' });
      const event = confirmation(who);
      expect(await lambda.postConfirmation(event)).toBe(event);
      world.sandbox.habits.reset();
      expect((await who.attributes())['custom:plan']).toBeUndefined();
      expect(world.log.text).toContain(`"newcomer":"${who.sub}"`);
      expect(await who.subscribe('free')).toMatchObject({ subscription: { state: 'ACTIVE' } });
    });
  });

  describe('userDeleted', () => {
    it('fails when AWS does not answer, so that the event comes again', async () => {
      world.sandbox.habits.addFault({ operation: 'GetApiKeys', kind: 'before' });
      await expect(lambda.userDeleted({ detail: {} })).rejects.toThrow();
    });
  });

  describe('sweep', () => {
    it('fails when so many keys would die at once that somebody has to look, and does it when told to', async () => {
      const many = await Promise.all(Array.from({ length: 12 }, () => signUp(world)));
      for (const { username } of many) {
        await world.cognito.send(new AdminDeleteUserCommand({ UserPoolId: USER_POOL_ID, Username: username }));
      }
      await expect(lambda.sweep()).rejects.toThrow('12 keys would be switched off at once');
      const detail = { eventTime: '2026-11-01T12:00:00Z' }; // a sweep that held keys back settles nothing of it
      await expect(lambda.userDeleted({ detail })).rejects.toThrow('12 keys would be switched off at once');
      expect((await Promise.all(many.map((one) => one.liveKeys()))).flat().length).toBe(12);
      await lambda.sweep({ confirm: true });
      expect((await Promise.all(many.map((one) => one.liveKeys()))).flat()).toEqual([]);
    });
  });
});
