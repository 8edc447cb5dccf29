import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CreateApiKeyCommand, CreateUsagePlanKeyCommand } from '@aws-sdk/client-api-gateway';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { COLLECTION } from '../../src/operation/playground/browser/collection.js';
import type { Customer } from '../support/customer.js';
import { keyOf } from '../support/outcomes.js';
import { World } from '../support/world.js';

const PAGE = readFileSync(fileURLToPath(new URL('../../docs/admin.md', import.meta.url)), 'utf8');

/** Every operation that the page shows, by its name, in the page's order. */
const OPERATIONS = [...PAGE.matchAll(/```graphql\n(.*?)```/gs)].map(([, text = '']) => ({
  name: /(?:query|mutation) (\w+)/.exec(text)?.[1] ?? text,
  text,
}));

describe('the page for admins', () => {
  let world: World;
  let admin: Customer;
  beforeAll(async () => {
    world = await World.start({ MANAGE_PLANS: 'true' });
    admin = await world.admin();
  });
  afterAll(() => world.close());

  /** Variables that fit any operation of the page: somebody of their own, with a plan and a key. */
  async function variables(name: string): Promise<Record<string, unknown>> {
    const ada = await world.customer();
    const isNew = name === 'ImportKey';
    const key = isNew ? null : keyOf(await ada.subscribe('free'));
    const today = world.sandbox.clock.now().toISOString().slice(0, 10);
    const keyId = key?.id ?? (await keyMadeByHand());
    return {
      ...{ userId: ada.sub, search: ada.email.slice(0, 10), plan: 'basic', keyId, from: today, to: today },
      ...{ requests: 500, code: 'PAYMENT', graceSeconds: 86_400, confirm: false, reason: 'Asked for by phone' },
    };
  }

  async function keyMadeByHand(): Promise<string> {
    const { id = '' } = await world.gateway.send(new CreateApiKeyCommand({ name: 'an old customer', enabled: true }));
    const usagePlanId = world.sandbox.info().plans[0]?.usagePlanId;
    await world.gateway.send(new CreateUsagePlanKeyCommand({ usagePlanId, keyId: id, keyType: 'API_KEY' }));
    return id;
  }

  it('shows operations, each under a name of its own', () => {
    const names = OPERATIONS.map(({ name }) => name);
    expect(names.length).toBeGreaterThanOrEqual(16);
    expect(new Set(names).size).toBe(names.length);
  });

  it('shows the operations that the playground has ready, and each comes there with its variables', () => {
    const ready = COLLECTION.flatMap(({ operations }) => operations);
    expect(ready.map(({ name, text }) => ({ name, text }))).toEqual(OPERATIONS);
    for (const { text, variables } of ready) {
      const [, wanted = ''] = /\w+ \w+(?:\((.*)\))? \{\n/.exec(text) ?? [];
      expect(Object.keys(variables)).toEqual([...wanted.matchAll(/\$(\w+):/g)].map(([, name]) => name));
    }
  });

  it.each(OPERATIONS)('$name can be pasted, and answers what it promises', async ({ name, text }) => {
    const asked = Object.entries(await variables(name)).filter(([variable]) => text.includes(`$${variable}:`));
    const { data, errors } = await admin.gql(text, Object.fromEntries(asked));
    expect(errors).toEqual([]);
    const [answer] = Object.values(data ?? {});
    expect(answer).toEqual(expect.any(Object));
    expect(answer).not.toHaveProperty('code');
  });
});
