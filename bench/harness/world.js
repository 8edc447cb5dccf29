import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CONTESTANTS } from '../contestants/list.js';
import { ask, asking, comparable } from './asking.js';
import { start } from './children.js';
import { RUN_FOLDER } from './load.js';
import { LOAD_CORE } from './machine.js';
import { startServer } from './servers.js';

const SANDBOX = fileURLToPath(new URL('../../dist/sandbox/main.js', import.meta.url));
const CUSTOMERS = 50;
const PLANS = 20;
const SIGNED = { authorization: 'AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/apigateway/aws4_request' };
const AT_ONCE = 8;
const TURNPIKE = CONTESTANTS.find(({ name }) => name === 'turnpike');

/** Wide enough that the load is never refused; everything else is as it is shipped. */
const TURNPIKE_SETTINGS = {
  USAGE_LAG_SECONDS: '3600',
  LIMIT_MUTATIONS_PER_MINUTE: '1000000',
  LIMIT_ROTATIONS_PER_HOUR: '1000000',
  LIMIT_ANONYMOUS_PER_MINUTE: '1000000',
};
/** What the sandbox suggests for play, and a production server does not have. */
const NOT_SHIPPED = ['GRAPHIQL', 'INTROSPECTION', 'MANAGE_PLANS', 'DRAIN_SECONDS', 'COGNITO_DOMAIN'];

/**
 * The sandbox, with twenty plans and fifty customers who have a plan and a key; their tokens; and what must be answered
 * to whom. Turnpike makes it, and what it answers is the data of all the others.
 */
export async function makeWorld(firstPort) {
  const sandbox = await startSandbox(firstPort + 99);
  const pool = new Cognito(sandbox);
  await makePlans(sandbox);
  const { users } = await sandbox.post('/_sandbox/seed', { users: CUSTOMERS, emailPrefix: 'customer' });
  const customers = [];
  for (const { sub, email } of users) customers.push({ id: sub, ...(await pool.signIn(email)) });
  const world = { sandbox, pool, customers, firstPort };
  const server = await startServer(TURNPIKE, {
    port: firstPort,
    env: environmentFor(TURNPIKE, world),
    token: customers[0].token,
  });
  try {
    world.plans = (await answerOf(server, 'plans', customers[0].token)).plans;
    for (const customer of customers) {
      await answerOf(server, 'subscribe', customer.token, { plan: 'basic' });
      customer.me = (await answerOf(server, 'me', customer.token)).me;
    }
  } finally {
    await server.stop();
  }
  if (world.plans.length !== PLANS) throw new Error(`There are ${world.plans.length} plans instead of ${PLANS}.`);
  world.dataFile = join(RUN_FOLDER, 'data.json');
  const records = customers.map(({ id, me }) => ({ id, ...me }));
  writeFileSync(world.dataFile, JSON.stringify({ customers: records, plans: world.plans }));
  return world;
}

/** Started for the contestant, which has its port in `port`. */
export function environmentFor(contestant, { sandbox, dataFile, customers }, port = 0) {
  if (contestant.isTurnpike)
    return { ...sandbox.environment, ...TURNPIKE_SETTINGS, METRICS_PORT: String(port && port + 1) };
  const { COGNITO_USER_POOL_ID, COGNITO_CLIENT_ID, COGNITO_JWKS_ORIGIN } = sandbox.environment;
  return {
    COGNITO_USER_POOL_ID,
    COGNITO_CLIENT_ID,
    COGNITO_JWKS_ORIGIN,
    BENCH_DATA: dataFile,
    BENCH_SUB: customers[0].id,
  };
}

/** Asks as each customer and compares with what is known; answers how many bytes an answer has on average. */
export async function expectAnswers({ contestant, port }, name, { customers, plans }) {
  let bytes = 0;
  const asked = contestant.isConstant ? customers.slice(0, 1) : customers;
  for (const { token, me } of asked) {
    const reply = await ask(port, asking(contestant, name, token));
    const wanted = { data: name === 'me' ? { me } : { plans } };
    if (reply.status !== 200 || !isSame(reply.answer, wanted))
      throw new Error(
        `${contestant.name} answered ${name} with ${reply.status} ${JSON.stringify(reply.answer)} instead of ${JSON.stringify(wanted)}`,
      );
    bytes += reply.bytes;
  }
  return bytes / asked.length;
}

async function answerOf({ contestant, port }, name, token, variables) {
  const { status, answer } = await ask(port, asking(contestant, name, token, variables));
  if (status !== 200 || answer.errors)
    throw new Error(`${contestant.name} answered ${name} with ${status} ${JSON.stringify(answer)}`);
  return answer.data;
}

function isSame(one, other) {
  return sorted(comparable(one)) === sorted(comparable(other));
}

/** As text with the members of objects in one order. */
function sorted(value) {
  return JSON.stringify(value, (_name, member) =>
    member !== null && typeof member === 'object' && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}

function startSandbox(port) {
  const env = { PATH: process.env.PATH, SANDBOX_STATE: 'memory', SANDBOX_PORT: String(port), PORT: '0' };
  const options = { env, stdio: ['ignore', 'pipe', 'inherit'] };
  const child = start(LOAD_CORE, [process.execPath, SANDBOX, '--no-server'], options);
  return new Promise((resolve, reject) => {
    let said = '';
    child.once('exit', (code) => reject(new Error(`The sandbox ended with ${code}: ${said}`)));
    child.stdout.on('data', (chunk) => {
      said += chunk;
      if (!/AWS_SECRET_ACCESS_KEY='.*'\n/.test(said)) return;
      const lines = [...said.matchAll(/^export ([A-Z_]+)='(.*)'$/gm)].filter(([, name]) => !NOT_SHIPPED.includes(name));
      const environment = Object.fromEntries(lines.map(([, name, value]) => [name, value]));
      const url = environment.COGNITO_JWKS_ORIGIN;
      resolve({
        url,
        pid: child.pid,
        environment,
        post: (path, body, headers) => post(`${url}${path}`, body, headers),
      });
    });
  });
}

async function makePlans(sandbox) {
  const { restApiId, stage, plans } = await (await fetch(`${sandbox.url}/_sandbox/info`)).json();
  for (let number = plans.length + 1; number <= PLANS; number += 1) {
    const tags = {
      code: `plan-${number}`,
      title: `Plan ${number}`,
      price: `${number}9 USD / month`,
      order: String(number),
      'self-service': 'true',
    };
    const plan = {
      name: `Plan ${number}`,
      description: `${number},000 calls a month`,
      apiStages: [{ apiId: restApiId, stage }],
      throttle: { rateLimit: 10 * number, burstLimit: 20 * number },
      quota: { limit: 1000 * number, offset: 0, period: 'MONTH' },
      tags: Object.fromEntries(
        Object.entries(tags).map(([name, value]) => [`turnpike:${name === 'code' ? 'plan' : name}`, value]),
      ),
    };
    await sandbox.post('/usageplans', plan, SIGNED);
  }
}

/** Signs customers in, and makes access tokens that nobody has seen. */
class Cognito {
  constructor(sandbox) {
    this.sandbox = sandbox;
    this.clientId = sandbox.environment.COGNITO_CLIENT_ID;
  }

  async signIn(email) {
    const parameters = { USERNAME: email, PASSWORD: 'Turnpike-1' };
    const { AccessToken, RefreshToken } = await this.initiate('USER_PASSWORD_AUTH', parameters);
    return { token: AccessToken, refreshToken: RefreshToken };
  }

  /** So many new tokens, of all the customers in turn. */
  async newTokens(customers, count) {
    const tokens = [];
    while (tokens.length < count) {
      const some = Array.from(
        { length: Math.min(AT_ONCE, count - tokens.length) },
        (_, n) => customers[(tokens.length + n) % customers.length],
      );
      tokens.push(...(await Promise.all(some.map((customer) => this.renewed(customer)))));
    }
    return tokens;
  }

  /** Everybody's token anew, so that none ends during a long run. */
  async renewAll(customers) {
    const tokens = await this.newTokens(customers, customers.length);
    for (const [index, token] of tokens.entries()) customers[index].token = token;
  }

  async renewed({ refreshToken }) {
    return (await this.initiate('REFRESH_TOKEN_AUTH', { REFRESH_TOKEN: refreshToken })).AccessToken;
  }

  async initiate(AuthFlow, AuthParameters) {
    const headers = {
      'x-amz-target': 'AWSCognitoIdentityProviderService.InitiateAuth',
      'content-type': 'application/x-amz-json-1.1',
    };
    return (await this.sandbox.post('/', { ClientId: this.clientId, AuthFlow, AuthParameters }, headers))
      .AuthenticationResult;
  }
}

async function post(url, body, headers = {}) {
  const reply = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  if (!reply.ok) throw new Error(`${url} answered ${reply.status} ${await reply.text()}`);
  return reply.json();
}
