import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import * as lambda from '../../src/lambda.js';
import { StackWorld } from '../support/template/stack-world.js';
import type { Template } from '../support/template/template-file.js';
import { countedBy } from './counted.js';

/** As Cognito makes a pool unless it is told otherwise, and never lets it be changed. */
function tellsSpellingsApart({ Resources }: Template): void {
  Object.assign(Resources.UserPool?.Properties ?? {}, { UsernameConfiguration: undefined });
}

describe('a warning that nobody can mend, and that the stack was told to allow', () => {
  let world: StackWorld;
  beforeAll(async () => {
    const parameters = { AllowUnsafe: 'username-case' };
    world = await StackWorld.start({ parameters, change: tellsSpellingsApart, overrides: { LOG_LEVEL: 'error' } });
    process.env.ALLOW_UNSAFE = world.stack.environmentOf('SweepFunction').ALLOW_UNSAFE;
    await lambda.sweep({ dryRun: true });
  });
  afterAll(async () => {
    delete process.env.ALLOW_UNSAFE;
    await world.close();
    Logger.overrideLogger(false);
  });

  it('is found, and sounds no alarm', async () => {
    expect((await world.look()).findings.map(({ name }) => name)).toEqual(['username-case']);
    expect(await countedBy('SweepLogs', () => lambda.sweep())).toEqual([]);
  });
});
