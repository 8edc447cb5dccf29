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

  const run = (...flags: string[]) => {
    const env = { ...process.env, ...environment(world.sandbox.url) };
    return promisify(execFile)(process.execPath, ['dist/adopt.js', ...flags], { env });
  };

  it('is listed with what stands in its way, never with its value', async () => {
    const name = 'To be listed';
    const [good, off] = [await madeByHand(name, true), await madeByHand(name, false)];
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

  it('is told from one that Turnpike made under another prefix or pool, which is counted while it is switched on', async () => {
    const left = 'turnpike.us-east-1_Left';
    await madeByHand(`${left}.9f1c-44.000001`, false);
    for (const generation of [2, 3]) await madeByHand(`${left}.9f1c-44.00000${generation}`, true);
    const { stdout } = await run('report');
    expect(stdout).toMatch(/^Enabled keys that Turnpike made under another prefix or pool: 2$/m);
    expect(stdout).toMatch(/^ {2}turnpike\.us-east-1_Left: 2$/m);
    expect(stdout).not.toContain(`${left}.`); // neither ours nor to be imported
  });
});
