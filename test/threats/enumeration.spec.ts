import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import { type GraphQLField, isInputObjectType, isObjectType } from 'graphql';
import type { Customer } from '../support/customer.js';
import { World } from '../support/world.js';
import { fieldText } from './queries.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const NOBODY = '00000000-0000-4000-8000-000000000000';

describe('whoever tries ids one after the other', () => {
  let world: World;
  let ada: Customer;
  let bea: Customer;
  beforeAll(async () => {
    world = await World.start();
    [ada, bea] = [await world.customer(), await world.customer()];
    await bea.subscribe('free');
  });
  afterAll(() => world.close());

  function rootFields(): { operation: string; field: GraphQLField<unknown, unknown> }[] {
    const { schema } = world.app.get(GraphQLSchemaHost);
    return [schema.getQueryType(), schema.getMutationType()]
      .filter(isObjectType)
      .flatMap((type) =>
        Object.values(type.getFields()).map((field) => ({ operation: type.name.toLowerCase(), field })),
      );
  }

  describe('threats §1, enumeration: operations about somebody', () => {
    it('answer those who may not ask the same about somebody who is there and somebody who is not', async () => {
      const about = rootFields().filter(({ field }) =>
        field.args.some(({ name }) => name === 'userId' || name === 'id'),
      );
      expect(about.length).toBeGreaterThan(9);
      for (const { operation, field } of about) {
        for (const who of [ada, world.stranger]) {
          const ask = async (id: string) => {
            let reply: unknown;
            const calls = await world.callsDuring(async () => {
              const { status, data, errors } = await who.gql(`${operation} { ${fieldText(field, id)} }`);
              reply = { status, data, errors: errors.map(({ message, extensions }) => ({ message, extensions })) };
            });
            return { reply, calls };
          };
          const known = await ask(bea.sub);
          expect(await ask(NOBODY)).toEqual(known);
          expect(JSON.stringify(known.reply)).toMatch(/FORBIDDEN|UNAUTHENTICATED/);
        }
      }
    });

    it('take no longer for the one than for the other: AWS is asked for neither', async () => {
      const calls = await world.callsDuring(async () => {
        for (const id of [bea.sub, NOBODY]) await ada.gql(`{ user(id: "${id}") { id } }`);
      });
      expect(calls).toEqual([]);
    });
  });

  describe('threats §3: the value of a key', () => {
    it('is asked for nowhere, so that it is in no URL and no variable', () => {
      const { schema } = world.app.get(GraphQLSchemaHost);
      const inputs = Object.values(schema.getTypeMap()).filter(isInputObjectType);
      const names = [
        ...rootFields().flatMap(({ field }) => field.args.map(({ name }) => name)),
        ...inputs.flatMap((type) => Object.keys(type.getFields())),
      ];
      expect(names).toContain('keyId');
      expect(names.filter((name) => /value|secret|token|password|^(api)?key$/i.test(name))).toEqual([]);
    });

    it('is said to be no authentication, and quotas to be best effort', () => {
      const readme = readFileSync(`${ROOT}README.md`, 'utf8');
      expect(readme).toContain('An API key is not authentication.');
      expect(readme).toContain('Quotas and throttles are best effort');
      expect(readFileSync(`${ROOT}docs/frontend.md`, 'utf8')).toContain('`x-api-key`');
    });

    it('is compared nowhere but in constant time', () => {
      const files = readdirSync(`${ROOT}src`, { recursive: true, encoding: 'utf8' });
      const sources = files.filter((path) => /\.ts$/.test(path) && !/\.spec\.ts$|^sandbox\//.test(path));
      const compared = sources.filter((path) =>
        /reveal\(\)\s*(===|!==|==|!=)|(===|!==)\s*[\w.]*reveal\(\)|\.(includes|startsWith|indexOf)\([\w.]*reveal\(\)/.test(
          readFileSync(`${ROOT}src/${path}`, 'utf8'),
        ),
      );
      expect(compared).toEqual([]);
      expect(readFileSync(`${ROOT}src/secret.ts`, 'utf8')).toContain('return timingSafeEqual(');
    });
  });
});
