import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import {
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInterfaceType,
  isObjectType,
  isUnionType,
  printSchema,
} from 'graphql';
import { World } from './support/world.js';

const FILE = fileURLToPath(new URL('../schema.gql', import.meta.url));
const HEADER = '# Generated from the code; `npm run schema` writes it anew. Do not edit.\n\n';

const BUILT_IN = /^(__.*|Query|Mutation|String|Boolean|Int|Float|ID)$/;

/** Plain enough to need no words beside the name and the type. */
const SELF_EXPLANATORY =
  /\.(id|email|emailVerified|createdAt|title|description|subscription|plan|key|state|status|date|used|limit|period)$/;

describe('schema.gql', () => {
  let schema: GraphQLSchema;
  beforeAll(async () => {
    const world = await World.start();
    schema = world.app.get(GraphQLSchemaHost).schema;
    await fetch(`${world.url}/readyz`); // what the start set going has ended
    await world.close();
  });

  it('is the schema that the app serves', () => {
    const printed = `${HEADER}${printSchema(schema)}\n`;
    if (process.env.UPDATE_SCHEMA === '1') writeFileSync(FILE, printed);
    const isCurrent = existsSync(FILE) && readFileSync(FILE, 'utf8') === printed;
    if (!isCurrent) throw new Error('schema.gql is stale: run `npm run schema` and commit it with what changed it.');
  });

  it('describes every query, mutation and argument', () => {
    const { Query, Mutation } = schema.getTypeMap();
    const roots = [Query, Mutation].flatMap((type) => (isObjectType(type) ? Object.values(type.getFields()) : []));
    const bare = roots.filter(({ description }) => !description).map(({ name }) => name);
    expect(bare).toEqual([]);
    const args = roots.flatMap((field) => field.args.map((arg) => ({ at: `${field.name}(${arg.name})`, arg })));
    expect(args.filter(({ arg }) => !arg.description).map(({ at }) => at)).toEqual([]);
  });

  it('has results that are one success or else problems, which clients can ask for alike', () => {
    const problem = schema.getType('Problem');
    const unions = Object.values(schema.getTypeMap()).filter((type) => isUnionType(type));
    expect(isInterfaceType(problem) && unions.length > 0).toBe(true);
    for (const union of unions) {
      const successes = union.getTypes().filter((type) => !type.getInterfaces().some(({ name }) => name === 'Problem'));
      expect([union.name, successes.length]).toEqual([union.name, 1]);
    }
  });

  it('offers no subscriptions, and a key’s value in IssuedKey alone', () => {
    expect(schema.getSubscriptionType()).toBeUndefined();
    const holders = Object.values(schema.getTypeMap())
      .filter((type) => isObjectType(type) && !type.name.startsWith('__') && 'value' in type.getFields())
      .map(({ name }) => name);
    expect(holders).toEqual(['IssuedKey']);
  });

  it('explains what its names do not say', () => {
    const types = Object.values(schema.getTypeMap()).filter(({ name }) => !BUILT_IN.test(name));
    expect(types.flatMap(unexplained)).toEqual([]);
  });
});

function unexplained(type: GraphQLNamedType): string[] {
  if (isUnionType(type)) return [];
  if (isEnumType(type)) {
    const isListed = type.getValues().every(({ description }) => description);
    return type.description || isListed ? [] : [type.name];
  }
  const own = type.description ? [] : [type.name];
  if (!isObjectType(type)) return own;
  const bare = Object.values(type.getFields()).filter(({ description }) => !description);
  const fields = bare.map(({ name }) => `${type.name}.${name}`).filter((field) => !SELF_EXPLANATORY.test(field));
  return [...own, ...fields];
}
