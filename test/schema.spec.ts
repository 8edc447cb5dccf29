import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import {
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isUnionType,
  lexicographicSortSchema,
  printSchema,
} from 'graphql';
import { World } from './support/world.js';

const FILE = fileURLToPath(new URL('../schema.gql', import.meta.url));
const HEADER = '# Generated from the code; `npm run schema` writes it anew. Do not edit.\n\n';

const BUILT_IN = /^(__.*|String|Boolean|Int|Float|ID)$/;

describe('schema.gql', () => {
  let schema: GraphQLSchema;
  beforeAll(async () => {
    const world = await World.start();
    schema = world.app.get(GraphQLSchemaHost).schema;
    await fetch(`${world.url}/readyz`); // what the start set going has ended
    await world.close();
  });

  it('is the schema that the app serves', () => {
    const printed = `${HEADER}${printSchema(lexicographicSortSchema(schema))}\n`;
    if (process.env.UPDATE_SCHEMA === '1') writeFileSync(FILE, printed);
    const isCurrent = existsSync(FILE) && readFileSync(FILE, 'utf8') === printed;
    if (!isCurrent) throw new Error('schema.gql is stale: run `npm run schema` and commit it with what changed it.');
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

  it('explains every type, field, argument and value to whoever meets it in GraphiQL', () => {
    const types = Object.values(schema.getTypeMap()).filter(({ name }) => !BUILT_IN.test(name));
    expect(types.flatMap(unexplained)).toEqual([]);
  });
});

/** The type, its fields, their arguments and its values, as far as nothing is said of them. */
function unexplained(type: GraphQLNamedType): string[] {
  const own = isRoot(type) ? [] : [{ at: type.name, description: type.description }];
  const values = isEnumType(type) ? type.getValues() : [];
  const fields =
    isObjectType(type) || isInterfaceType(type) || isInputObjectType(type) ? Object.values(type.getFields()) : [];
  const args = (isObjectType(type) ? Object.values(type.getFields()) : []).flatMap((field) =>
    field.args.map(({ name, description }) => ({ at: `${type.name}.${field.name}(${name})`, description })),
  );
  const parts = [...values, ...fields].map(({ name, description }) => ({ at: `${type.name}.${name}`, description }));
  return [...own, ...parts, ...args].filter(({ description }) => !description).map(({ at }) => at);
}

const isRoot = ({ name }: GraphQLNamedType) => name === 'Query' || name === 'Mutation';
