import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Module, type Type } from '@nestjs/common';
import { APP_GUARD, ModulesContainer } from '@nestjs/core';
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';
import { Args, GraphQLModule, GraphQLSchemaHost, Query, Resolver } from '@nestjs/graphql';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { APP_OPTIONS, dress, httpAdapter } from '../src/app.js';
import { appModule } from '../src/app.module.js';
import { Public } from '../src/auth/access.decorator.js';
import { AccessGuard } from '../src/auth/access.guard.js';
import { KeyStore } from '../src/aws/key-store.js';
import { UserDirectory } from '../src/aws/user-directory.js';
import { Config } from '../src/config.js';
import { ReadinessService } from '../src/operation/readiness.service.js';
import { Sandbox } from '../src/sandbox/server.js';
import { DateScalar, DateTimeScalar } from '../src/scalars.js';
import { LogRecorder } from './support/log-recorder.js';
import { environment, World } from './support/world.js';

/*
 * Four published weaknesses of the @nestjs/graphql release that is used here. What defends against each of them is
 * pinned, so that neither a refactoring nor an upgrade takes it away unnoticed.
 */

const RESOLVER = 'graphql:resolver_type';
const RESOLVER_NAME = 'graphql:resolver_name';
const CREDENTIAL = 'AKIAIOSFODNN7EXAMPLE';
const ARN = 'arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_Sandbox01';

describe('what is published of weaknesses in @nestjs/graphql', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
  });
  afterAll(() => world.close());

  describe('1. a websocket upgrade and a reset of its connection', () => {
    it.each(['/graphql', '/', '/subscriptions', '/elsewhere'])('at %s leaves the process answering', async (path) => {
      const socket = await upgrade(world.url, path);
      socket.resetAndDestroy();
      await delay(20);
      expect((await fetch(`${world.url}/healthz`)).status).toBe(200);
      expect((await world.stranger.gql('{ plans { code } }')).errors).toEqual([]);
    });

    it('meets no handler: subscriptions are not enabled', () => {
      const options = Reflect.get(world.app.get(GraphQLModule), 'options') as Record<string, unknown>;
      expect([options.subscriptions, options.installSubscriptionHandlers]).toEqual([undefined, undefined]);
      expect(world.app.getHttpServer().listenerCount('upgrade')).toBe(0);
      expect(world.app.get(GraphQLSchemaHost).schema.getSubscriptionType()).toBeUndefined();
    });
  });

  describe('2. a resolver that no guard stands before', () => {
    it('would be one made by useFactory or useValue, or that inherits: each of ours is a plain class', () => {
      expect(resolversOf(world.app).length).toBeGreaterThanOrEqual(4);
      expect(oddResolversOf(world.app)).toEqual([]);
    });

    it('would be one with a guard of its own: there is one guard, for everything', () => {
      const guards = [...world.app.get(ModulesContainer).values()].flatMap(({ providers }) =>
        [...providers.values()].filter(({ token }) => String(token).startsWith(APP_GUARD)),
      );
      expect(guards.map(({ metatype }) => metatype)).toEqual([AccessGuard]);
      const guarded = resolversOf(world.app).filter((wrapper) =>
        [classOf(wrapper), ...methodsOf(classOf(wrapper))].some((target) => Reflect.hasMetadata('__guards__', target)),
      );
      expect(guarded.map(({ name }) => name)).toEqual([]);
    });
  });

  /** What somebody may add one day. */
  @Resolver()
  class Newcomer {
    @Query(() => String)
    forgotten(): string {
      return 'not meant for strangers';
    }

    @Public()
    @Query(() => String)
    meantForAll(): string {
      return 'hello';
    }

    @Public()
    @Query(() => String)
    moment(@Args('at', { type: () => DateTimeScalar }) at: Date): string {
      return String(at);
    }

    @Public()
    @Query(() => String)
    day(@Args('on', { type: () => DateScalar }) on: string): string {
      return on;
    }
  }

  @Resolver()
  class Ancestor {
    @Query(() => String)
    forgotten(): string {
      return 'not meant for strangers';
    }

    @Public()
    @Query(() => String)
    meantForAll(): string {
      return 'hello';
    }
  }

  @Resolver()
  class Heir extends Ancestor {}

  @Module({ providers: [Newcomer] })
  class PlainRoom {}

  @Module({ providers: [{ provide: Newcomer, useFactory: () => new Newcomer() }] })
  class FactoryRoom {}

  @Module({ providers: [{ provide: Newcomer, useValue: new Newcomer() }] })
  class ValueRoom {}

  @Module({ providers: [Ancestor, Heir] })
  class HeirRoom {}

  describe('2. the guard for everything', () => {
    it.each<[string, Type, string[]]>([
      ['a class', PlainRoom, []],
      ['useFactory', FactoryRoom, ['Newcomer']],
      ['useValue', ValueRoom, ['Newcomer']],
      ['a class and a subclass', HeirRoom, ['Heir']],
    ])('refuses a field without a decorator, in a resolver registered by %s', async (_, room, odd) => {
      const started = await start(room);
      const replies = [await started.ask('{ forgotten }'), await started.ask('{ meantForAll }')];
      const found = oddResolversOf(started.app);
      await started.close();
      expect(replies[0]).toMatchObject({ data: null, errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
      expect(replies[1]).toEqual({ data: { meantForAll: 'hello' } });
      expect(found).toEqual(odd);
    });
  });

  describe('3. a moment or a day that is none', () => {
    let app: Started;
    beforeAll(async () => {
      app = await start(PlainRoom);
    });
    afterAll(() => app.close());

    const BAD = ['yesterday', '', '2026-02-30T00:00:00Z', '2026-11-21T09:30:00', '1795000000000', '<script>'];

    it.each(BAD)('is refused before a resolver sees it, written in the query: %j', async (text) => {
      const reply = await app.ask(`{ moment(at: ${JSON.stringify(text)}) day(on: ${JSON.stringify(text)}) }`);
      expect(reply).toMatchObject({
        errors: [{ extensions: { code: expect.stringMatching(REQUEST) } }, expect.anything()],
      });
      expect(reply).not.toHaveProperty('data.moment');
    });

    it.each([...BAD, 7, true, null, [], {}])('is refused as a variable: %j', async (value) => {
      const query = 'query ($at: DateTime!, $on: Date!) { moment(at: $at) day(on: $on) }';
      const reply = await app.ask(query, { at: value, on: value });
      expect(reply).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }, expect.anything()] });
      expect(reply).not.toHaveProperty('data.moment');
    });

    it('is told from a good one', async () => {
      const reply = await app.ask('{ moment(at: "2026-11-21T09:30:00Z") day(on: "2026-11-21") }');
      expect(reply).toMatchObject({ data: { day: '2026-11-21' } });
    });

    const REQUEST = /^(BAD_USER_INPUT|GRAPHQL_VALIDATION_FAILED)$/;
  });

  describe('4. an error that carries what nobody may see', () => {
    const response = { config: { headers: { authorization: CREDENTIAL } }, body: CREDENTIAL };
    const messageOnly = new Error(`User: ${ARN} is not authorized to perform: cognito-idp:AdminGetUser`);

    /** Each is thrown where Cognito is asked. `marker` is to be found in the log. */
    const errors: [string, unknown, string | null][] = [
      ['a .response with credentials', Object.assign(new Error('Request failed'), { response }), 'Request failed'],
      [
        'a .response and a status',
        Object.assign(new Error('Nope'), { response, status: 401, getStatus: () => 401 }),
        'Nope',
      ],
      ['an ARN in its message', messageOnly, 'is not authorized'],
      [
        'extensions and a code of its own',
        Object.assign(new Error('Odd'), { extensions: { code: 'FORBIDDEN', response } }),
        'Odd',
      ],
      [
        'a credential in its cause',
        new Error('Outer', { cause: Object.assign(new Error('Inner'), { response }) }),
        'Inner',
      ],
      ['no error at all, but an object', { response, message: ARN }, null],
      ['a text', `secret ${CREDENTIAL}`, null],
      ['nothing', undefined, null],
    ];

    // Its own world: Nest has one log a process, that of the app made last.
    let world: World;
    beforeAll(async () => {
      world = await World.start();
    });
    afterAll(() => world.close());

    it.each(errors)('shows a code and a reference only: %s', async (_, error, marker) => {
      const ada = await world.customer();
      const asked = jest.spyOn(world.app.get(UserDirectory), 'find').mockRejectedValue(error);
      const { data, errors: shown, text, status } = await ada.gql('{ me { id } }');
      asked.mockRestore();
      expect([data, status]).toEqual([null, 200]);
      expect(shown).toEqual([
        {
          message: expect.stringMatching(/^Something went wrong here\. Reference: [0-9a-f-]{36}$/),
          locations: [{ line: 1, column: 3 }],
          path: ['me'],
          extensions: { code: 'INTERNAL_SERVER_ERROR', reference: expect.stringMatching(/^[0-9a-f-]{36}$/) },
        },
      ]);
      expect(text).not.toMatch(/AKIA|arn:|response|stack|originalError/);
      expect(world.log.text).toContain(String(shown[0]?.extensions?.reference));
      expect(world.log.text).not.toContain(CREDENTIAL);
      if (marker) expect(world.log.text).toContain(marker);
    });

    it('shows no more when it is thrown in a mutation, and the audit trail says FAULT', async () => {
      const ada = await world.customer();
      const asked = jest.spyOn(world.app.get(UserDirectory), 'find');
      asked.mockRejectedValue(Object.assign(new Error('x'), { response }));
      const { errors: shown, text } = await ada.gql('mutation { subscribe(plan: "free") { __typename } }');
      asked.mockRestore();
      expect(shown[0]?.extensions).toMatchObject({ code: 'INTERNAL_SERVER_ERROR' });
      expect(text + world.log.text).not.toContain(CREDENTIAL);
      expect(world.log.text).toContain('FAULT');
    });

    it('shows nothing after the first write, when the answer is what became of it', async () => {
      const ada = await world.customer();
      const asked = jest.spyOn(world.app.get(KeyStore), 'list');
      asked.mockRejectedValue(Object.assign(new Error('listing went wrong'), { response }));
      const { subscription } = await ada.subscribe('free');
      asked.mockRestore();
      expect(subscription).toMatchObject({ planCode: 'free', state: 'PROVISIONING' });
      expect(world.log.text).toContain('listing went wrong');
      expect(world.log.text).not.toContain(CREDENTIAL);
      expect((await ada.subscribe('free')).subscription).toMatchObject({ state: 'ACTIVE' });
    });

    it('shows no more on a plain route', async () => {
      const asked = jest.spyOn(world.app.get(ReadinessService), 'check');
      asked.mockRejectedValue(Object.assign(new Error(ARN), { response }));
      const reply = await fetch(`${world.url}/readyz`);
      const text = await reply.text();
      asked.mockRestore();
      expect(reply.status).toBe(500);
      expect(text).not.toMatch(/AKIA|arn:|stack/);
      expect(world.log.text).not.toContain(CREDENTIAL);
    });
  });

  function resolversOf(app: NestFastifyApplication): InstanceWrapper[] {
    return [...app.get(ModulesContainer).values()]
      .flatMap(({ providers }) => [...providers.values()])
      .filter((wrapper) => [classOf(wrapper), ...methodsOf(classOf(wrapper))].some(isMarked));
  }

  /** Resolvers that are not registered as a plain class, or that inherit from another one. */
  function oddResolversOf(app: NestFastifyApplication): string[] {
    return resolversOf(app)
      .filter((wrapper) => {
        const isPlain = wrapper.inject === undefined && wrapper.metatype === classOf(wrapper);
        return !isPlain || Object.getPrototypeOf(classOf(wrapper)) !== Function.prototype;
      })
      .map((wrapper) => classOf(wrapper).name);
  }

  /** What the provider is an instance of, however it was made. */
  function classOf({ instance, metatype }: InstanceWrapper): Type {
    const made: unknown = instance?.constructor;
    return (typeof made === 'function' ? made : (metatype ?? Object)) as Type;
  }

  function methodsOf({ prototype }: Type): object[] {
    const members: PropertyDescriptor[] = Object.values(Object.getOwnPropertyDescriptors(prototype ?? {}));
    return members.map(({ value }) => value as unknown).filter((value) => typeof value === 'function');
  }

  function isMarked(target: object): boolean {
    return Reflect.hasMetadata(RESOLVER_NAME, target) || Reflect.hasMetadata(RESOLVER, target);
  }

  /** Asks for a websocket, and waits for whatever comes back. */
  async function upgrade(url: string, path: string): Promise<Socket> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => {});
    const lines = [
      `GET ${path} HTTP/1.1`,
      'Host: localhost',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Protocol: graphql-transport-ws',
    ];
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    const head = await Promise.race([
      new Promise<string>((resolve) => socket.once('data', (data) => resolve(String(data)))),
      delay(100).then(() => 'silence'),
    ]);
    expect(head).not.toMatch(/^HTTP\/1\.1 101/);
    return socket;
  }

  interface Started {
    readonly app: NestFastifyApplication;
    ask(query: string, variables?: object): Promise<unknown>;
    close(): Promise<void>;
  }

  /** The application with one more room in it. */
  async function start(room: Type): Promise<Started> {
    const sandbox = await Sandbox.start({ port: 0, directory: null });
    const env = environment(sandbox.url);
    Object.assign(process.env, env);
    const config = Config.read(env);
    const product = appModule(config);
    const module = await Test.createTestingModule({ imports: [product, room] }).compile();
    const options = { ...APP_OPTIONS, logger: new LogRecorder() };
    const app = module.createNestApplication<NestFastifyApplication>(httpAdapter(config), options);
    await dress(app).listen(0, '127.0.0.1');
    const url = await app.getUrl();
    await fetch(`${url}/readyz`); // what the start set going has ended
    return {
      app,
      ask: async (query, variables = {}) => {
        const headers = { 'content-type': 'application/json' };
        const reply = await fetch(`${url}/graphql`, {
          method: 'POST',
          headers,
          body: JSON.stringify({ query, variables }),
        });
        return reply.json();
      },
      close: async () => {
        await app.close();
        await sandbox.close();
      },
    };
  }
});
