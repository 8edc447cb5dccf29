import { CreateUsagePlanCommand } from '@aws-sdk/client-api-gateway';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Customer } from '../support/customer.js';
import { World } from '../support/world.js';

/** Every route there is, what anybody gets, and what one gets who sends a token that is not good. */
const ROUTES = [
  { route: '/healthz', path: '/healthz', type: 'application/json', open: 200, badToken: 401 },
  { route: '/readyz', path: '/readyz', type: 'application/json', open: 200, badToken: 401 },
  { route: '/graphiql/:file', path: '/graphiql/start.js', type: 'text/javascript', open: 200, badToken: 401 },
  { route: '/admin/usage.csv', path: '/admin/usage.csv', type: 'application/json', open: 401, badToken: 401 },
  { route: '/graphql', path: '/graphql', type: 'text/html', open: 200, badToken: 200 },
  ...['/', '/plans', '/overview', '/usage', '/key', '/account'].map((page) => {
    return { route: page, path: page, type: 'text/html', open: 200, badToken: 401 };
  }),
  { route: '/portal.json', path: '/portal.json', type: 'application/json', open: 200, badToken: 401 },
  { route: '/branding.json', path: '/branding.json', type: 'application/json', open: 200, badToken: 401 },
  { route: '/icon.svg', path: '/icon.svg', type: 'image/svg+xml', open: 200, badToken: 401 },
  { route: '/assets/:file', path: '/assets/none.js', type: 'application/json', open: 404, badToken: 401 },
];

describe('who may do what', () => {
  let world: World;
  let callers: Readonly<Record<'stranger' | 'user' | 'admin', Customer>>;
  beforeAll(async () => {
    world = await World.start();
    const [user, admin] = [await world.customer(), await world.admin()];
    callers = { stranger: world.stranger, user, admin };
  });
  afterAll(() => world.close());

  it('lets nobody but admins see the schema', async () => {
    const codes: unknown[] = [];
    for (const query of ['{ __schema { types { name } } }', '{ __type(name: "User") { name } }']) {
      for (const who of ['stranger', 'user', 'admin'] as const) {
        const { data, errors } = await callers[who].gql(query);
        codes.push(errors[0]?.extensions.code ?? (data && 'answered'));
      }
    }
    expect(codes).toEqual(['FORBIDDEN', 'FORBIDDEN', 'answered', 'FORBIDDEN', 'FORBIDDEN', 'answered']);
  });

  it('hides the schema also when it is asked for in a fragment beside something public', async () => {
    const query = '{ plans { code } ...F } fragment F on Query { ... { s: __schema { queryType { name } } } }';
    const { data, errors } = await callers.user.gql(query);
    expect([data, errors[0]?.extensions.code]).toEqual([null, 'FORBIDDEN']);
  });

  it('lets admins and nobody else see plans that are not for sale', async () => {
    await world.gateway.send(
      new CreateUsagePlanCommand({
        name: 'Hidden',
        tags: { 'turnpike:plan': 'hidden', 'turnpike:self-service': 'false' },
      }),
    );
    world.forward(61);
    await until(async () => (await codesFor('admin')).includes('hidden'));
    expect(await codesFor('user')).toEqual(['free', 'basic', 'pro']);
    expect(await codesFor('stranger')).toEqual(['free', 'basic', 'pro']);
  });

  const codesFor = async (who: keyof typeof callers) => {
    const { data } = await callers[who].gql<{ plans: { code: string }[] }>('{ plans { code } }');
    return data?.plans.map(({ code }) => code) ?? [];
  };

  describe('on plain routes', () => {
    it('is said here for every route, and for no other', () => {
      const printed = world.app.getHttpAdapter().getInstance().printRoutes({ commonPrefix: false }) as string;
      const names = [...printed.matchAll(/── (\S+) \(/g)].map(([, name = '']) => name);
      const routes = names.filter((name) => name !== '*').map((name) => `/${name.replace(/^\//, '')}`);
      expect(routes.sort()).toEqual(ROUTES.map(({ route }) => route).sort());
    });

    it.each(ROUTES)('answers anybody at $route', async ({ path, type, open }) => {
      const reply = await fetch(`${world.url}${path}`, { headers: { accept: type } });
      expect([reply.status, reply.headers.get('content-type')?.split(';')[0]]).toEqual([open, type]);
    });

    it.each(ROUTES)('answers a token that is not good at $route without a fault', async ({ path, type, badToken }) => {
      const headers = { accept: type, authorization: 'Bearer not.a.token' };
      const reply = await fetch(`${world.url}${path}`, { headers });
      const text = await reply.text();
      expect(reply.status).toBe(badToken);
      if (badToken === 401) expect(JSON.parse(text).errors[0].extensions.code).toBe('UNAUTHENTICATED');
      expect(world.log.lines.filter((line) => line.includes('Fault'))).toEqual([]);
    });

    it('gives out files of GraphiQL only, whatever the name', async () => {
      for (const name of ['package.json', '..%2f..%2fpackage.json', '%2e%2e%2fmain.js', 'constructor', '__proto__']) {
        expect((await fetch(`${world.url}/graphiql/${name}`)).status).toBe(404);
      }
    });

    it('runs no script that is not its own on the GraphiQL page', async () => {
      const reply = await fetch(`${world.url}/graphql`, { headers: { accept: 'text/html' } });
      expect(reply.headers.get('content-security-policy')).toMatch(/default-src 'none'; script-src 'self';/);
      const page = await reply.text();
      expect(page).not.toMatch(/<script>|(?:src|href)="https?:/);
      const { connect, ...rest } = policyOf(reply);
      expect(connect).toBe(`'self' ${world.sandbox.url}`); // to redeem the code that the hosted pages send it back with
      const elsewhere = policyOf(await fetch(`${world.url}/healthz`));
      expect({ ...rest, connect: "'self'" }).toEqual(elsewhere);
      for (const [, path] of page.matchAll(/(?:src|href)="(\/[^"]+)"/g)) {
        expect((await fetch(`${world.url}${path}`)).status).toBe(200);
      }
    });

    it('lets no other website read an answer unless it is configured', async () => {
      const headers = { origin: 'https://evil.example', 'content-type': 'application/json' };
      const body = JSON.stringify({ query: '{ plans { code } }' });
      const reply = await fetch(`${world.url}/graphql`, { method: 'POST', headers, body });
      expect(reply.headers.get('access-control-allow-origin')).toBeNull();
    });
  });
});

/** What a page may do, by the first word of each directive. */
function policyOf({ headers }: Response): Record<string, string> {
  const directives = (headers.get('content-security-policy') ?? '')
    .split('; ')
    .map((one) => /^(\S+?)(?:-src)? (.*)$/.exec(one));
  return Object.fromEntries(directives.map((found) => [found?.[1] ?? '', found?.[2] ?? '']));
}

/** Asks again until it is so; what is waited for takes some turns of the event loop, not time. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 200; turn++) if (await isSo()) return;
  throw new Error('It did not become so.');
}

describe('what is switched off', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ GRAPHIQL: 'off', INTROSPECTION: 'off' });
  });
  afterAll(() => world.close());

  it('is not there: no GraphiQL page and none of its files', async () => {
    expect((await fetch(`${world.url}/graphql`, { headers: { accept: 'text/html' } })).status).toBe(400);
    for (const file of ['start.js', 'graphiql.js', 'react.js', 'page.css']) {
      expect((await fetch(`${world.url}/graphiql/${file}`)).status).toBe(404);
    }
  });

  it('is shown to nobody: the schema, not even to admins', async () => {
    const admin = await world.admin();
    const { data, errors } = await admin.gql('{ __schema { types { name } } }');
    expect([data, errors[0]?.extensions.code]).toEqual([null, 'GRAPHQL_VALIDATION_FAILED']);
  });
});
