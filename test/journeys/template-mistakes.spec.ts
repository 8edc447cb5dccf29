import { describe, expect, it } from '@jest/globals';
import { brokenPromises } from '../support/template/promises.js';
import { StackWorld } from '../support/template/stack-world.js';
import type { Template } from '../support/template/template-file.js';

/** A resource, and the way to a property of it. */
type Place = readonly [resource: string, ...way: (string | number)[]];

/** Sets the property at that place; where nothing leads to it is a mistake in the test. */
function change(template: Template, [resource, ...way]: Place, value: unknown): void {
  const holder = way.slice(0, -1).reduce((at, name) => Object(at)[name], template.Resources[resource]?.Properties);
  const last = way.at(-1) ?? '';
  if (typeof holder !== 'object') throw new Error(`${resource} has no ${way.join('.')}`);
  Object(holder)[last] = value;
}

async function brokenBy(place?: Place, value?: unknown): Promise<string[]> {
  const world = await StackWorld.start({ change: (template) => place && change(template, place, value) });
  return brokenPromises(world).finally(() => world.close());
}

const WHOAMI = ['DemoApi', 'DefinitionBody', 'paths', '/whoami'] as const;
const SCHEMA = ['UserPool', 'Schema'] as const;
const KEY_FLOOR = 6;
const SELF_SERVICE = 4;
const NOBODY_GIVES = 'nobody gives themselves a plan';
const NO_KEY = 'a call without a key is refused in our words';
const NO_TOKEN = 'a call without a token is refused in our words';
const READS = 'a page of another site can read an answer and a refusal';
const SERVED = 'a call with token and key is served';
const KEY_ID = 'the answer holds the id of the key and never its value';

describe('a mistake in the template is noticed:', () => {
  const cases: readonly (readonly [string, Place, unknown, readonly unknown[]])[] = [
    [
      'customers may write their plan',
      ['WebsiteClient', 'WriteAttributes'],
      ['email', 'custom:plan'],
      ['writable-attributes', NOBODY_GIVES],
    ],
    [
      'nothing says what customers may write',
      ['WebsiteClient', 'WriteAttributes'],
      undefined,
      ['writable-attributes', NOBODY_GIVES],
    ],
    ['the implicit grant', ['WebsiteClient', 'AllowedOAuthFlows'], ['code', 'implicit'], ['implicit-grant']],
    [
      'errors that tell who has an account',
      ['WebsiteClient', 'PreventUserExistenceErrors'],
      'LEGACY',
      ['user-existence-errors'],
    ],
    ['an attribute that cannot be changed', [...SCHEMA, KEY_FLOOR, 'Mutable'], false, ['pool-attributes']],
    [
      'an attribute that is too short',
      [...SCHEMA, KEY_FLOOR, 'StringAttributeConstraints', 'MaxLength'],
      '256',
      ['pool-attributes'],
    ],
    [
      'a pool where another spelling is another user',
      ['UserPool', 'UsernameConfiguration'],
      undefined,
      ['username-case'],
    ],
    ['a method that asks for no key', [...WHOAMI, 'get', 'security'], [{ customers: [] }], [KEY_ID, NO_KEY]],
    ['a method that asks for no token', [...WHOAMI, 'get', 'security'], [{ api_key: [] }], [SERVED, KEY_ID, NO_TOKEN]],
    [
      'a browser that is to send a token first',
      [...WHOAMI, 'options', 'security'],
      [{ customers: [] }],
      ['a browser may ask first, without token and key'],
    ],
    [
      'refusals that no page can read',
      ['DemoApi', 'DefinitionBody', 'x-amazon-apigateway-gateway-responses'],
      {},
      [NO_TOKEN, NO_KEY, READS],
    ],
    [
      'a paid plan that anybody may take',
      ['ProPlan', 'Tags', SELF_SERVICE, 'Value'],
      'true',
      ['free is on offer, and nobody takes a paid plan by themselves'],
    ],
    ['a plan without its tag', ['FreePlan', 'Tags'], [], ['plan-code', expect.stringContaining('UNKNOWN_PLAN')]],
    ['a plan for no stage', ['FreePlan', 'ApiStages'], [], ['plan-stage', SERVED, KEY_ID]],
  ];
  it.each(cases)('%s', async (_, place, value, expected) => {
    expect(await brokenBy(place, value)).toEqual(expected);
  });
});
