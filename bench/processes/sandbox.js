import { fileURLToPath } from 'node:url';
import { start } from './children.js';
import { send } from './http.js';
import { LOAD_CORE } from './machine.js';

const SANDBOX = fileURLToPath(new URL('../../dist/sandbox/main.js', import.meta.url));
const SIGNED = { authorization: 'AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/apigateway/aws4_request' };
const AT_ONCE = 8;
/** What the sandbox suggests for play, and a production server does not have. */
const NOT_SHIPPED = ['GRAPHIQL', 'INTROSPECTION', 'MANAGE_PLANS', 'DRAIN_SECONDS', 'COGNITO_DOMAIN'];

/** The built sandbox, in memory; `environment` points a server at it. */
export function startSandbox(port) {
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
      resolve({
        pid: child.pid,
        environment,
        calls: () => callsTo(port),
        get: (path) => expectGood(port, { method: 'GET', path }),
        post: (path, body, headers) => expectGood(port, { method: 'POST', path, headers, body: JSON.stringify(body) }),
      });
    });
  });
}

/** Fills it up to so many plans for sale. */
export async function makePlans(sandbox, count) {
  const { restApiId, stage, plans } = await sandbox.get('/_sandbox/info');
  for (let number = plans.length + 1; number <= count; number += 1) {
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
export class Cognito {
  batches = [];

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

  /** New tokens for everybody's `number`th turn: to each server they are new, so they are made once for all of them. */
  batch(number, customers, count) {
    this.batches[number] ??= this.newTokens(customers, count);
    return this.batches[number];
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

/** How many calls AWS would have had so far, without the sign-ins. */
async function callsTo(port) {
  const counted = await expectGood(port, { method: 'GET', path: '/_sandbox/calls' });
  const operations = Object.entries(counted).filter(([operation]) => !operation.includes('InitiateAuth'));
  return operations.reduce((sum, [, { calls }]) => sum + calls, 0);
}

async function expectGood(port, one) {
  const { status, answer } = await send(port, one);
  if (status >= 300) throw new Error(`The sandbox answered ${one.path} with ${status} ${JSON.stringify(answer)}`);
  return answer;
}
