import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { NestFactory } from '@nestjs/core';
import * as lambda from '../../src/lambda.js';
import type { World } from '../support/world.js';
import { confirmation, endOf, worldWithHandlers } from './newcomers.js';

describe('an instance of the handlers for AWS Lambda that takes long to start', () => {
  let world: World;
  beforeAll(async () => {
    world = await worldWithHandlers();
  });
  afterAll(() => endOf(world));

  it('lets somebody in when Cognito would wait no longer, and says at once that the plan may be missing', async () => {
    const who = await world.customer();
    const { createApplicationContext } = NestFactory;
    jest.spyOn(NestFactory, 'createApplicationContext').mockImplementation(async (...args) => {
      await delay(4500);
      return createApplicationContext.apply(NestFactory, args);
    });
    const event = confirmation(who);
    expect(await lambda.postConfirmation(event)).toBe(event);
    expect((await who.attributes())['custom:plan']).toBeUndefined();
    expect(world.log.text).toContain('not known yet');
    expect(world.log.text).toContain(`"newcomer":"${who.sub}"`);
    jest.restoreAllMocks();
    while ((await who.attributes())['custom:plan'] === undefined) await delay(100);
  });
});
