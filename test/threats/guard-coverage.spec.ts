import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import { type GraphQLField, type GraphQLSchema, isObjectType } from 'graphql';
import type { Customer } from '../support/customer.js';
import { World } from '../support/world.js';
import { fieldText } from './queries.js';

/**
 * Who may ask for what. Everything that does not stand here is for admins: a new field of theirs needs no line, and a
 * new field for others fails until somebody has thought about it.
 */
const FOR_ANYBODY = ['query plans'];
const FOR_USERS = [
  'query me',
  'mutation subscribe',
  'mutation cancelSubscription',
  'mutation rotateKey',
  'mutation revokeKey',
  'mutation revealKey',
];

const CALLERS = ['stranger', 'user', 'admin'] as const;
type Who = (typeof CALLERS)[number];

function refusalFor(name: string, who: Who): string | null {
  if (FOR_ANYBODY.includes(name)) return null;
  if (who === 'stranger') return 'UNAUTHENTICATED';
  return FOR_USERS.includes(name) || who === 'admin' ? null : 'FORBIDDEN';
}

describe('threats §1, guard coverage', () => {
  let world: World;
  let schema: GraphQLSchema;
  let callers: Readonly<Record<Who, Customer>>;
  beforeAll(async () => {
    world = await World.start();
    const [user, admin] = [await world.customer(), await world.admin()];
    callers = { stranger: world.stranger, user, admin };
    schema = world.app.get(GraphQLSchemaHost).schema;
  });
  afterAll(() => world.close());

  /** Every root field by name, such as `mutation subscribe`. */
  const rootFields = (): [string, GraphQLField<unknown, unknown>][] =>
    [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].flatMap((type) =>
      Object.values(type?.getFields() ?? {}).map((field): [string, GraphQLField<unknown, unknown>] => [
        `${type?.name.toLowerCase()} ${field.name}`,
        field,
      ]),
    );

  it('knows no field that the schema does not have', () => {
    const names = rootFields().map(([name]) => name);
    expect([...FOR_ANYBODY, ...FOR_USERS].filter((name) => !names.includes(name))).toEqual([]);
    expect(names.length).toBeGreaterThanOrEqual(7);
  });

  it.each(CALLERS)('holds for every root field, asked by a %s', async (who) => {
    const wrong: string[] = [];
    for (const [name, field] of rootFields()) {
      const [operation = ''] = name.split(' ');
      const { errors, data } = await callers[who].gql(`${operation} { ${fieldText(field)} }`);
      const code = errors[0]?.extensions.code;
      const refusal = code === 'UNAUTHENTICATED' || code === 'FORBIDDEN' ? code : null;
      const isAsExpected = refusal === refusalFor(name, who) && code !== 'INTERNAL_SERVER_ERROR';
      if (!isAsExpected || !isUnderstood(code)) wrong.push(`${name}: ${code ?? JSON.stringify(data)}`);
    }
    expect(wrong).toEqual([]);
  });

  it('a refused one has done nothing: no call to AWS, and no line that says that it ran', async () => {
    const calls = await world.callsDuring(async () => {
      for (const [name, field] of rootFields()) {
        const [operation = ''] = name.split(' ');
        for (const who of ['stranger', 'user'] as const) {
          if (refusalFor(name, who)) await callers[who].gql(`${operation} { ${fieldText(field)} }`);
        }
      }
    });
    expect(calls).toEqual([]);
  });
});

describe('threats §1, broken object-level authorisation', () => {
  let world: World;
  let schema: GraphQLSchema;
  beforeAll(async () => {
    world = await World.start();
    schema = world.app.get(GraphQLSchemaHost).schema;
  });
  afterAll(() => world.close());

  it('another customer’s ids in every argument of every mutation for users change nothing of theirs, and are answered like none', async () => {
    const [ada, eve] = [await world.customer(), await world.customer()];
    await ada.subscribe('free');
    await eve.subscribe('free');
    const victim = { keys: await ada.keys(), attributes: await ada.attributes() };
    const mutation = schema.getMutationType();
    for (const name of FOR_USERS.filter((field) => field.startsWith('mutation '))) {
      const field = mutation?.getFields()[name.split(' ')[1] ?? ''];
      if (!field) throw new Error(`there is no ${name}`);
      for (const id of [ada.sub, ada.username, victim.keys[0]?.id ?? '', victim.keys[0]?.name ?? '']) {
        const replies = [id, 'nobody000'].map((text) => eve.gql(`mutation { ${fieldText(field, text)} }`));
        const [theirs, nobodys] = await Promise.all(replies);
        if (field.args.some(({ name: argument }) => argument === 'keyId')) {
          expect(theirs?.text.replaceAll(id, '')).toBe(nobodys?.text.replaceAll('nobody000', ''));
        }
        expect(theirs?.text).not.toContain(victim.keys[0]?.value);
      }
    }
    expect({ keys: await ada.keys(), attributes: await ada.attributes() }).toEqual(victim);
  });

  it('customers reach no other customer: no field for them takes an id of a user', () => {
    const fields = [schema.getQueryType(), schema.getMutationType()]
      .filter(isObjectType)
      .flatMap((type) =>
        Object.values(type.getFields()).filter(({ name }) =>
          [...FOR_ANYBODY, ...FOR_USERS].includes(`${type.name.toLowerCase()} ${name}`),
        ),
      );
    const names = fields.flatMap(({ args }) => args.map(({ name }) => name));
    expect(names.filter((name) => /user|sub$|email|owner|customer/i.test(name))).toEqual([]);
  });
});

/** Arguments were made by rule: whatever the resolver says of them, the request itself must have been a good one. */
function isUnderstood(code: string | undefined): boolean {
  return code !== 'GRAPHQL_VALIDATION_FAILED' && code !== 'GRAPHQL_PARSE_FAILED';
}
