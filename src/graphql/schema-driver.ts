import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { Injectable } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { GraphQLSchemaFactory } from '@nestjs/graphql';
import { type GraphQLFieldResolver, type GraphQLSchema, isObjectType } from 'graphql';

type Resolvers = Readonly<Record<string, Readonly<Record<string, GraphQLFieldResolver<unknown, unknown>>>>>;

/**
 * Apollo with the schema as our classes say it. Nest would make that same schema, print it, read it again, put the resolvers on what
 * it read and copy them back to the first, which is more than half of what a schema takes at a start; here they are put on the first.
 */
@Injectable()
export class SchemaDriver extends ApolloDriver {
  constructor(
    private readonly modules: ModulesContainer,
    private readonly schemas: GraphQLSchemaFactory,
  ) {
    super(modules);
  }

  override async generateSchema(options: ApolloDriverConfig): Promise<GraphQLSchema> {
    const schema = await this.schemas.create(this.classes(), options.buildSchemaOptions ?? {});
    const transformResolvers: ApolloDriverConfig['transformResolvers'] = (found) => {
      for (const resolvers of [found].flat()) resolveBy(schema, resolvers as Resolvers);
      return found;
    };
    // Nest looks for resolvers, with their guards and arguments, and makes nothing of them where a schema is given.
    await super.generateSchema({ ...options, schema, transformResolvers });
    return schema;
  }

  /** Of all that Nest has made; the factory knows resolvers among them. */
  private classes() {
    const wrappers = [...this.modules.values()].flatMap(({ providers }) => [...providers.values()]);
    return wrappers.flatMap(({ instance }) => instance?.constructor ?? []);
  }
}

function resolveBy(schema: GraphQLSchema, resolvers: Resolvers): void {
  for (const [name, resolves] of Object.entries(resolvers)) {
    const type = schema.getType(name);
    const fields = isObjectType(type) ? type.getFields() : {};
    for (const [field, resolve] of Object.entries(resolves)) {
      if (!fields[field]) throw new Error(`There is a resolver of ${name}.${field}, which the schema does not have`);
      fields[field].resolve = resolve;
    }
  }
}
