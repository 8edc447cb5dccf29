import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import { Int, Query, Resolver } from '@nestjs/graphql';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Public } from '../../src/auth/access.decorator.js';
import { Clock } from '../../src/clock.js';
import { Sandbox } from '../../src/sandbox/server.js';
import { LogRecorder } from '../support/log-recorder.js';
import { post } from '../support/post.js';
import { environment, startApp } from '../support/world.js';

const ARN = 'arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_Sandbox01';
const INSIDES = /\bat .+:\d+:\d+|node_modules|\.(ts|js)\b|\/src\/|stack|arn:aws|123456789012/;

@Public()
@Resolver()
class Glass {
  @Query(() => Int)
  broken(): number {
    throw new TypeError(`User: ${ARN} is not authorized`);
  }

  @Query(() => Int)
  async late(): Promise<number> {
    return Promise.reject(Object.assign(new Error(ARN), { extensions: { code: 'BAD_USER_INPUT', stacktrace: [ARN] } }));
  }

  @Query(() => Int)
  mistyped(): unknown {
    return ARN;
  }
}

@Module({ providers: [Glass] })
class GlassRoom {}

describe.each(['production', 'development', 'test', ''])('threats §1, stack traces, with NODE_ENV=%j', (nodeEnv) => {
  const before = process.env.NODE_ENV;
  const log = new LogRecorder();
  let sandbox: Sandbox;
  let app: NestFastifyApplication;
  let url: string;
  beforeAll(async () => {
    sandbox = await Sandbox.start({ port: 0, directory: null }); // which refuses to run in production
    ({ app, url } = await startApp(environment(sandbox.url, { NODE_ENV: nodeEnv }), new Clock(), log, {
      rooms: [GlassRoom],
    }));
  });
  afterAll(async () => {
    process.env.NODE_ENV = before;
    await app.close();
    await sandbox.close();
  });

  it.each(['broken', 'late', 'mistyped'])('a fault is a code and a reference to the log: %s', async (field) => {
    const { errors, text } = await post(url, { query: `{ ${field} }` });
    expect(errors).toEqual([
      {
        message: expect.stringMatching(/^Something went wrong here\. Reference: [0-9a-f-]{36}$/),
        locations: [{ line: 1, column: 3 }],
        path: [field],
        extensions: { code: 'INTERNAL_SERVER_ERROR', reference: expect.stringMatching(/^[0-9a-f-]{36}$/) },
      },
    ]);
    expect(text).not.toMatch(INSIDES);
    expect(log.text).toContain(String(errors[0]?.extensions.reference));
  });

  it.each<[string, unknown]>([
    ['a document that does not parse', { query: '{ plans {' }],
    ['a field that does not exist', { query: '{ nothing }' }],
    ['a variable that is missing', { query: 'query ($id: ID!) { __type(name: $id) { name } }' }],
    ['a body that is no JSON', '{'],
    ['no query', {}],
    ['a schema asked by nobody', { query: '{ __schema { types { name } } }' }],
  ])('what is refused shows no insides: %s', async (_, body) => {
    const { text, codes } = await post(url, body);
    expect(codes).toHaveLength(1);
    expect(text).not.toMatch(INSIDES);
  });

  it('nor does a path that is none, or a method', async () => {
    for (const [path, method] of [
      ['/nothing', 'GET'],
      ['/graphql', 'PUT'],
      ['/%ff', 'GET'],
      ['/healthz', 'DELETE'],
    ]) {
      const reply = await fetch(`${url}${path}`, { method: method ?? 'GET' });
      expect(await reply.text()).not.toMatch(INSIDES);
    }
  });
});
