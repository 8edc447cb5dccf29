import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApiGatewayKeyStore } from '../../src/aws/api-gateway-key-store.js';
import { ApiGatewayUsagePlans } from '../../src/aws/api-gateway-usage-plans.js';
import { AwsClients } from '../../src/aws/aws-clients.js';
import { CognitoUserDirectory } from '../../src/aws/cognito-user-directory.js';
import { AwsUnavailableError, KeyQuotaExceededError } from '../../src/aws/failures.js';
import { ApiGatewayPlanStore } from '../../src/aws/plan-store/api-gateway-plan-store.js';
import { Config } from '../../src/config.js';
import { Secret } from '../../src/secret.js';
import { governorFor, HastyClock, QuickClock } from '../support/governor.js';
import { environment } from '../support/world.js';

type Answer =
  | { status?: number; type?: string; headers?: Record<string, string>; body?: string }
  | 'hang'
  | 'stall'
  | 'cut';
type Ports = {
  keys: ApiGatewayKeyStore;
  plans: ApiGatewayUsagePlans;
  store: ApiGatewayPlanStore;
  users: CognitoUserDirectory;
};
type Work = (ports: Ports, id: string) => Promise<unknown>;

interface Case {
  readonly what: string;
  readonly work: Work;
  readonly answer: Answer;
  readonly becomes: unknown;
}

const SHORT_MILLISECONDS = 400;
const LONG_MILLISECONDS = 20_000;
const BLANK_MILLISECONDS = 50;
const SILENT: readonly Answer[] = ['hang', 'stall'];
const SECRET = new Secret('never-to-be-printed-0123456789');

const find: Work = ({ keys }, id) => keys.find(id);
const change: Work = ({ keys }, id) => keys.change(id, { enabled: false });
const list: Work = ({ keys }, id) => keys.list(id);
const create: Work = ({ keys }, id) => keys.create({ name: id, value: SECRET, description: id, username: null });
const plansOf: Work = ({ plans }, id) => plans.plansOf(id);
const usage: Work = ({ plans }, id) => plans.usage(id, 'key', '2026-11-01', '2026-11-02');
const attach: Work = ({ plans }, id) => plans.attach(id, 'key');
const setRemaining: Work = ({ plans }, id) => plans.setRemaining(id, 'key', 1);
const user: Work = ({ users }, id) => users.find(id);
const write: Work = ({ users }, id) => users.write(id, { 'custom:plan': 'free' });

const unavailable = (operation: string, retryAfterSeconds = 2) => ({ unavailable: operation, retryAfterSeconds });
const fault = (name: string) => ({ fault: name });

const GATEWAY: readonly Case[] = [
  {
    what: 'throttled with a hint: as many seconds as AWS says',
    work: find,
    answer: { status: 429, type: 'TooManyRequestsException', headers: { 'retry-after': '1' } },
    becomes: unavailable('GetApiKey', 1),
  },
  {
    what: 'throttled without a hint: two seconds',
    work: list,
    answer: { status: 429, type: 'TooManyRequestsException' },
    becomes: unavailable('GetApiKeys'),
  },
  { what: 'HTTP 503', work: find, answer: { status: 503, type: 'X' }, becomes: unavailable('GetApiKey') },
  { what: 'HTTP 500', work: change, answer: { status: 500, type: 'X' }, becomes: unavailable('UpdateApiKey') },
  {
    what: 'an outage page that is not JSON',
    work: usage,
    answer: { status: 502, body: '<html>Bad gateway' },
    becomes: unavailable('GetUsage'),
  },
  { what: 'silence longer than the time limit', work: find, answer: 'hang', becomes: unavailable('GetApiKey') },
  { what: 'an answer that stops in its middle', work: find, answer: 'stall', becomes: unavailable('GetApiKey') },
  { what: 'a cut connection', work: create, answer: 'cut', becomes: unavailable('CreateApiKey') },
  { what: 'no such key, on find', work: find, answer: { status: 404, type: 'NotFoundException' }, becomes: null },
  { what: 'no such key, on change', work: change, answer: { status: 404, type: 'NotFoundException' }, becomes: false },
  {
    what: 'not found, on a list: nothing is "gone" because a list failed',
    work: list,
    answer: { status: 404, type: 'NotFoundException' },
    becomes: fault('NotFoundException'),
  },
  {
    what: 'not found, on the plans of a key',
    work: plansOf,
    answer: { status: 404, type: 'NotFoundException' },
    becomes: fault('NotFoundException'),
  },
  {
    what: 'no such key in the plan, on UpdateUsage',
    work: setRemaining,
    answer: { status: 404, type: 'NotFoundException' },
    becomes: false,
  },
  {
    what: 'no such plan or key, on CreateUsagePlanKey',
    work: attach,
    answer: { status: 404, type: 'NotFoundException' },
    becomes: 'gone',
  },
  {
    what: 'a 404 of somebody else in between',
    work: find,
    answer: { status: 404, body: '<html>nginx' },
    becomes: fault('SyntaxError'),
  },
  {
    what: 'a 200 of somebody else in between',
    work: find,
    answer: { status: 200, body: '<html>Sign in' },
    becomes: fault('SyntaxError'),
  },
  {
    what: 'a missing right',
    work: find,
    answer: { status: 403, type: 'AccessDeniedException' },
    becomes: fault('AccessDeniedException'),
  },
  {
    what: 'a bad request',
    work: change,
    answer: { status: 400, type: 'BadRequestException' },
    becomes: fault('BadRequestException'),
  },
  {
    what: 'a conflict in other words',
    work: change,
    answer: { status: 409, type: 'ConflictException' },
    becomes: fault('ConflictException'),
  },
  { what: 'a value that exists', work: create, answer: { status: 409, type: 'ConflictException' }, becomes: null },
  {
    what: 'a full account',
    work: create,
    answer: { status: 429, type: 'LimitExceededException' },
    becomes: { full: true },
  },
  {
    what: 'throttling, on create, is no full account',
    work: create,
    answer: { status: 429, type: 'TooManyRequestsException' },
    becomes: unavailable('CreateApiKey'),
  },
];

/** What any write to API Gateway may be answered while another change is under way. */
const CONCURRENT: Answer = {
  status: 409,
  type: 'ConflictException',
  body: '{"message":"Unable to complete operation due to concurrent modification. Please try again later."}',
};
const AMID_ANOTHER_CHANGE: readonly Case[] = Object.entries<Work>({
  CreateApiKey: create,
  UpdateApiKey: change,
  DeleteApiKey: ({ keys }, id) => keys.delete(id),
  CreateUsagePlanKey: attach,
  DeleteUsagePlanKey: ({ plans }, id) => plans.detach(id, 'key'),
  UpdateUsage: setRemaining,
  CreateUsagePlan: ({ store }, name) =>
    store.create({ name, description: null, tags: {}, quota: null, throttle: null, stages: [] }),
  TagResource: ({ store }, id) => store.tag(id, { a: 'b' }),
  UntagResource: ({ store }, id) => store.tag(id, { a: null }),
}).map(([operation, work]) => ({
  what: `another change at the same time, on ${operation}`,
  work,
  answer: CONCURRENT,
  becomes: unavailable(operation),
}));

const COGNITO: readonly Case[] = [
  { what: 'no such user, on find', work: user, answer: { status: 400, type: 'UserNotFoundException' }, becomes: null },
  {
    what: 'no such user, on write',
    work: write,
    answer: { status: 400, type: 'UserNotFoundException' },
    becomes: false,
  },
  {
    what: 'no such pool: nobody is "gone" because the pool is not found',
    work: user,
    answer: { status: 400, type: 'ResourceNotFoundException' },
    becomes: fault('ResourceNotFoundException'),
  },
  {
    what: 'throttled, which Cognito says with HTTP 400',
    work: user,
    answer: { status: 400, type: 'TooManyRequestsException' },
    becomes: unavailable('AdminGetUser'),
  },
  {
    what: 'an internal error of Cognito',
    work: write,
    answer: { status: 500, type: 'InternalErrorException' },
    becomes: unavailable('AdminUpdateUserAttributes'),
  },
  { what: 'silence of Cognito', work: write, answer: 'hang', becomes: unavailable('AdminUpdateUserAttributes') },
  {
    what: 'a missing right at Cognito',
    work: user,
    answer: { status: 400, type: 'AccessDeniedException' },
    becomes: fault('AccessDeniedException'),
  },
  {
    what: 'a refused attribute',
    work: write,
    answer: { status: 400, type: 'InvalidParameterException' },
    becomes: fault('InvalidParameterException'),
  },
  {
    what: 'credentials that have run out',
    work: user,
    answer: { status: 400, type: 'ExpiredTokenException' },
    becomes: fault('ExpiredTokenException'),
  },
];

describe('what the ports make of AWS’s failures', () => {
  const cases = [...GATEWAY, ...AMID_ANOTHER_CHANGE, ...COGNITO];
  const outcomes = new Map<string, unknown>();
  const raw = new Map<string, unknown>();
  const asked = new Map<number, number>();
  let close = async () => {};

  // All that are answered, at once and with all the time they need; then, when all is loaded, those that wait in vain.
  beforeAll(async () => {
    const stub = createServer(async (request, reply) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const told = `${decodeURIComponent(request.url ?? '')} ${Buffer.concat(chunks).toString()}`;
      const index = Number(/case(\d+)!/.exec(told)?.[1]);
      asked.set(index, (asked.get(index) ?? 0) + 1);
      answer(reply, cases[index]?.answer ?? { status: 418 });
    });
    await new Promise<void>((resolve) => stub.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(stub.address() as AddressInfo).port}`;
    const { clients } = portsAt(url);
    const wait = (limit: TimeLimit, milliseconds: number) => {
      for (const handler of handlersOf(clients)) handler.updateHttpClientConfig(limit, milliseconds);
    };
    const run = async ({ what, work }: Case) => {
      const { ports } = portsAt(url, clients); // each before a governor of its own, which has seen no failures yet
      const outcome = await work(ports, `case${cases.findIndex((one) => one.what === what)}!`).catch(
        (error: unknown) => {
          raw.set(what, error);
          return shown(error);
        },
      );
      outcomes.set(what, outcome);
    };
    wait('connectionTimeout', LONG_MILLISECONDS);
    for (const limit of ['requestTimeout', 'socketTimeout'] as const) wait(limit, LONG_MILLISECONDS);
    await Promise.all(cases.filter((one) => !SILENT.includes(one.answer)).map(run));
    for (const limit of ['requestTimeout', 'socketTimeout'] as const) wait(limit, SHORT_MILLISECONDS);
    await Promise.all(cases.filter((one) => SILENT.includes(one.answer)).map(run));
    close = async () => {
      clients.onApplicationShutdown();
      stub.closeAllConnections();
      await new Promise((resolve) => stub.close(resolve));
    };
  });
  afterAll(() => close());

  it.each(GATEWAY)('API Gateway: $what', ({ what, becomes }) => expect(outcomes.get(what)).toEqual(becomes));
  it.each(AMID_ANOTHER_CHANGE)('API Gateway: $what', ({ what, becomes }) =>
    expect(outcomes.get(what)).toEqual(becomes),
  );
  it.each(COGNITO)('Cognito: $what', ({ what, becomes }) => expect(outcomes.get(what)).toEqual(becomes));

  it('keeps the failure itself as the cause, for the log', () => {
    expect(raw.get('HTTP 503')).toMatchObject({ cause: { $metadata: { httpStatusCode: 503, attempts: 1 } } });
  });

  it('repeats what may pass, and nothing else', () => {
    const repeated = cases.filter((_, index) => asked.get(index) === 3).map(({ what }) => what);
    const passing = cases.filter(({ becomes }) => isPassing(becomes)).map(({ what }) => what);
    expect(repeated.sort()).toEqual(passing.sort());
    expect(Math.max(...asked.values())).toBe(3);
  });

  it('says nothing of the key’s value in the message, the stack or the cause', () => {
    for (const error of raw.values()) {
      const texts = error instanceof Error ? [error.message, error.stack, String(error.cause)] : [];
      expect(texts.join()).not.toContain(SECRET.reveal());
    }
  });
});

describe('an AWS that cannot be reached', () => {
  it('is unavailable', async () => {
    const { ports, clients } = portsAt('http://127.0.0.1:1');
    const outcomes = await Promise.all(
      [find(ports, 'k'), user(ports, 'u')].map((work) => work.catch((error: unknown) => shown(error))),
    );
    clients.onApplicationShutdown();
    expect(outcomes).toEqual([unavailable('GetApiKey'), unavailable('AdminGetUser')]);
  });
});

describe('a list that keeps coming bit by bit, and has no end', () => {
  const open = new Set<ServerResponse>();
  const trickling = createServer((_, reply) => {
    reply.writeHead(200, { 'content-type': 'application/json' });
    open.add(reply.on('close', () => open.delete(reply)));
  });
  const blanks = setInterval(() => {
    for (const reply of open) reply.write(' ');
  }, BLANK_MILLISECONDS);
  afterAll(() => {
    clearInterval(blanks);
    trickling.closeAllConnections();
    trickling.close();
  });

  it('is unavailable to work that takes the time it needs as well, and no connection to it stays', async () => {
    await new Promise<void>((resolve) => trickling.listen(0, '127.0.0.1', resolve));
    const { port } = trickling.address() as AddressInfo;
    const { ports, clients, governor } = portsAt(`http://127.0.0.1:${port}`, undefined, new HastyClock());
    const outcomes = await Promise.all(
      [() => list(ports, 'p.'), () => ports.users.search('ada')].map((work) =>
        governor.background(work).catch((error: unknown) => shown(error)),
      ),
    );
    // After how many seconds depends on how long the machine took.
    expect(outcomes).toMatchObject([{ unavailable: 'GetApiKeys' }, { unavailable: 'ListUsers' }]);
    while (open.size > 0) await new Promise((resolve) => setImmediate(resolve));
    clients.onApplicationShutdown();
  });
});

describe('a list of which a page is missing', () => {
  it('is no list: neither a short one nor an empty one', async () => {
    const pages = createServer((request, reply) => {
      const isSecond = (request.url ?? '').includes('position=');
      answer(
        reply,
        isSecond ? { status: 503, type: 'X' } : { body: '{"item":[{"id":"a","name":"p.1"}],"position":"2"}' },
      );
    });
    await new Promise<void>((resolve) => pages.listen(0, '127.0.0.1', resolve));
    const { ports, clients } = portsAt(`http://127.0.0.1:${(pages.address() as AddressInfo).port}`);
    const outcomes = await Promise.all(
      [list(ports, 'p.'), plansOf(ports, 'k'), ports.plans.list()].map((work) =>
        work.catch((error: unknown) => shown(error)),
      ),
    );
    clients.onApplicationShutdown();
    pages.closeAllConnections();
    pages.close();
    expect(outcomes).toEqual([unavailable('GetApiKeys'), unavailable('GetUsagePlans'), unavailable('GetUsagePlans')]);
  });
});

describe('an answer that does not say who a user is', () => {
  it.each<[string, string, Work]>([
    ['AdminGetUser', '', user],
    ['AdminGetUser', '{"Username":"ada","UserAttributes":[]}', user],
    ['ListUsers', '{"Users":[{"Username":"ada"}]}', ({ users }, id) => users.findBySub(id)],
  ])('of %s is no answer: %p', async (operation, body, work) => {
    const silent = createServer((_, reply) => answer(reply, { body }));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { ports, clients } = portsAt(`http://127.0.0.1:${(silent.address() as AddressInfo).port}`);
    const outcome = await work(ports, 'ada').catch((error: unknown) => shown(error));
    clients.onApplicationShutdown();
    silent.closeAllConnections();
    silent.close();
    expect(outcome).toEqual(unavailable(operation, 1));
  });
});

describe('a list in pages', () => {
  /** What the ports make of an AWS that answers so: the page that is not the first one is asked for with its token. */
  async function from<T>(pageOf: (isSecond: boolean) => object, work: (ports: Ports) => Promise<T>): Promise<T> {
    const pages = createServer(async (request, reply) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const told = `${request.url} ${Buffer.concat(chunks).toString()}`;
      answer(reply, { body: JSON.stringify(pageOf(/position=|PaginationToken":"/.test(told))) });
    });
    await new Promise<void>((resolve) => pages.listen(0, '127.0.0.1', resolve));
    const { ports, clients } = portsAt(`http://127.0.0.1:${(pages.address() as AddressInfo).port}`);
    try {
      return await work(ports);
    } finally {
      clients.onApplicationShutdown();
      pages.closeAllConnections();
      pages.close();
    }
  }

  it('finds somebody who is on none of the first pages, which may be empty and not the last', async () => {
    const ada = { Username: 'ada', Attributes: [{ Name: 'sub', Value: 'sub-of-ada' }] };
    const pageOf = (isSecond: boolean) => (isSecond ? { Users: [ada] } : { Users: [], PaginationToken: 'more' });
    const found = { sub: 'sub-of-ada', username: 'ada' };
    expect(await from(pageOf, ({ users }) => users.findBySub('sub-of-ada'))).toMatchObject(found);
    expect(await from(pageOf, ({ users }) => users.findBySub('sub-of-bob'))).toBeNull();
    expect(await from(pageOf, ({ users }) => users.search('ada'))).toMatchObject([found]);
  });

  it('counts the calls of a key once that it shows twice', async () => {
    const values = { key: [[5, 95]] };
    const pageOf = (isSecond: boolean) => (isSecond ? { values } : { values, position: 'more' });
    const usage = await from(pageOf, ({ plans }) => plans.usageByKey('plan', '2026-11-01', '2026-11-01'));
    expect(usage.get('key')).toEqual([{ date: '2026-11-01', used: 5, remaining: 95 }]);
  });
});

describe('the AWS clients', () => {
  it('wait for an answer for a limited time, and then fail instead of warning', async () => {
    const { ports, clients } = portsAt('http://127.0.0.1:1');
    await Promise.all([find(ports, 'k'), user(ports, 'u')].map((work) => work.catch(() => undefined)));
    for (const handler of handlersOf(clients)) {
      const limits = handler.httpHandlerConfigs();
      const { requestTimeout = 0, connectionTimeout = 0, socketTimeout = 0, throwOnRequestTimeout } = limits;
      expect(throwOnRequestTimeout).toBe(true);
      for (const limit of [requestTimeout, connectionTimeout, socketTimeout])
        expect(limit > 0 && limit <= 3000).toBe(true);
    }
    clients.onApplicationShutdown();
  });
});

function portsAt(url: string, given?: AwsClients, clock = new QuickClock()) {
  const env = environment(url);
  Object.assign(process.env, env); // the SDK reads its endpoints and credentials from here
  const config = Config.read(env);
  const clients = given ?? new AwsClients(config);
  const governor = governorFor(config, clock);
  const ports = {
    keys: new ApiGatewayKeyStore(clients, governor),
    plans: new ApiGatewayUsagePlans(clients, governor),
    store: new ApiGatewayPlanStore(clients, governor, config),
    users: new CognitoUserDirectory(clients, config, governor),
  };
  return { ports, clients, governor };
}

type TimeLimit = 'connectionTimeout' | 'requestTimeout' | 'socketTimeout';

interface HttpHandler {
  updateHttpClientConfig(name: TimeLimit, value: number): void;
  httpHandlerConfigs(): { [limit in TimeLimit]?: number } & { throwOnRequestTimeout?: boolean };
}

/** The SDK’s types say nothing of what its own Node handler can do. */
function handlersOf({ gateway, cognito }: AwsClients): HttpHandler[] {
  return [gateway.config.requestHandler, cognito.config.requestHandler] as unknown as HttpHandler[];
}

function answer(reply: ServerResponse, what: Answer): void {
  if (what === 'hang') return;
  if (what === 'stall') return void reply.writeHead(200, { 'content-length': 100 }).write('{"item":[');
  if (what === 'cut') return void reply.destroy();
  const { status = 200, type, headers, body = `{"message":"of the stub","__type":"${type}"}` } = what;
  reply.writeHead(status, {
    'content-type': 'application/json',
    ...(type && { 'x-amzn-errortype': type }),
    ...headers,
  });
  reply.end(body);
}

/** A full account looks like throttling until it has been asked again. */
function isPassing(becomes: unknown): boolean {
  return typeof becomes === 'object' && becomes !== null && ('unavailable' in becomes || 'full' in becomes);
}

function shown(error: unknown): unknown {
  if (error instanceof KeyQuotaExceededError) return { full: true };
  if (error instanceof AwsUnavailableError) {
    return { unavailable: error.operation, retryAfterSeconds: error.retryAfterSeconds };
  }
  return { fault: error instanceof Error ? error.name : typeof error };
}
