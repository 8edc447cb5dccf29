import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { buildSchema, type GraphQLSchema, isEnumType, isObjectType, parse, validate } from 'graphql';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const EXACT = /^\d+\.\d+\.\d+$/;

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly workspaces?: readonly string[];
}

interface Locked {
  readonly integrity?: string;
  readonly resolved?: string;
  readonly version?: string;
}

const read = (path: string) => readFileSync(`${ROOT}${path}`, 'utf8');
const root = JSON.parse(read('package.json')) as Manifest;
const bench = JSON.parse(read('bench/package.json')) as Manifest;
const { packages } = JSON.parse(read('bench/package-lock.json')) as { packages: Record<string, Locked> };

/** Every field of the objects and every value of the enums, one line each. */
function linesOf(schema: GraphQLSchema): string[] {
  return Object.values(schema.getTypeMap())
    .filter(({ name }) => !name.startsWith('__'))
    .flatMap((type) => {
      if (isEnumType(type)) return type.getValues().map(({ name }) => `${type.name} ${name}`);
      return isObjectType(type)
        ? Object.values(type.getFields()).map((field) => `${type.name}.${field.name}: ${field.type}`)
        : [type.name];
    });
}

describe('bench/', () => {
  it('has packages of its own that are pinned, hashed and from no named host; none of them comes with the product', () => {
    expect(Object.values(bench.dependencies).filter((version) => !EXACT.test(version))).toEqual([]);
    const locked = Object.entries(packages).filter(([path]) => path !== '');
    expect(locked.length).toBeGreaterThan(100);
    expect(locked.filter(([, { integrity, resolved }]) => !integrity || resolved)).toEqual([]);
    expect((root.workspaces ?? []).filter((folder) => folder.startsWith('bench'))).toEqual([]);
    const ours = Object.keys({ ...root.dependencies, ...root.devDependencies });
    expect(['mercurius', 'graphql-yoga', '@nestjs/platform-express'].filter((name) => ours.includes(name))).toEqual([]);
  });

  it('measures the others with the very versions that the product has', () => {
    const shared = Object.entries(bench.dependencies).filter(([name]) => name in root.dependencies);
    expect(shared.length).toBeGreaterThan(5);
    expect(shared).toEqual(shared.map(([name]) => [name, root.dependencies[name]]));
  });

  it('gives the others a part of Turnpike’s own schema, and asks all of them what both know', () => {
    const own = buildSchema(read('schema.gql'));
    const slice = buildSchema(read('bench/contestants/shared/slice.graphql'));
    expect(linesOf(slice).filter((line) => !linesOf(own).includes(line))).toEqual([]);
    for (const name of ['me', 'plans']) {
      const document = parse(read(`bench/documents/${name}.graphql`));
      expect([...validate(own, document), ...validate(slice, document)]).toEqual([]);
    }
    expect(validate(own, parse(read('bench/documents/subscribe.graphql')))).toEqual([]);
  });
});
