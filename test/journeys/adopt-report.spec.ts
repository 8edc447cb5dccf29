import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { CreateApiKeyCommand, CreateUsagePlanKeyCommand } from '@aws-sdk/client-api-gateway';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { environment, World } from '../support/world.js';

describe('a key that was sold before Turnpike', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
  });
  afterAll(() => world.close());

  async function madeByHand(name: string, enabled: boolean) {
    const { id = '', value = '' } = await world.gateway.send(new CreateApiKeyCommand({ name, enabled }));
    const usagePlanId = world.sandbox.info().plans.find(({ code }) => code === 'free')?.usagePlanId;
    await world.gateway.send(new CreateUsagePlanKeyCommand({ usagePlanId, keyId: id, keyType: 'API_KEY' }));
    return { id, value };
  }

  it('is listed with what stands in its way, never with its value', async () => {
    const name = 'To be listed';
    const [good, off] = [await madeByHand(name, true), await madeByHand(name, false)];
    const env = { ...process.env, ...environment(world.sandbox.url) };
    const run = (...flags: string[]) => promisify(execFile)(process.execPath, ['dist/adopt.js', ...flags], { env });
    const { stdout } = await run('report');
    expect(stdout).toMatch(new RegExp(`${good.id} +${name} .*in .*: can be imported`));
    expect(stdout).toMatch(new RegExp(`${off.id} +${name} .*: This key is switched off`));
    expect(stdout).not.toContain(good.value);
    const report = JSON.parse((await run('report', '--json')).stdout) as {
      keys: { id: string; obstacle: string | null }[];
    };
    expect(report.keys.find(({ id }) => id === good.id)).toMatchObject({
      obstacle: null,
      lastFour: good.value.slice(-4),
    });
    await expect(run('explain')).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('usage:') });
  });
});
