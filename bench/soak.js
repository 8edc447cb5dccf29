import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median } from './harness/statistics.js';
import { start, stop } from './processes/children.js';
import { residentMegabytes, SERVER_CORE } from './processes/machine.js';
import { startSandbox } from './processes/sandbox.js';

/*
 * `npm run bench:soak [-- --minutes 10 --users 100000]`: a hundred thousand users, each with a token of their own and always
 * a new one, ask the built server for `me`, one after the other and over again. Once the caches are full, the heap after a forced collection and
 * the resident memory are looked at thirty times. It fails when an answer is not the caller's own, and when the last
 * third of the run needs more than the middle one.
 */

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '2' },
    users: { type: 'string', default: '100000' },
    port: { type: 'string', default: '5400' },
  },
});
const [MINUTES, USERS, PORT] = [values.minutes, values.users, values.port].map(Number);
const LOOKS = 30;
const AT_ONCE = 16;
/** By how much the last third's median may be above the middle one's: what a collection leaves differs by that. */
const MOST_GROWTH = 0.05;
/** So many users fill the largest caches, which hold ten thousand: what grows until then is no leak. */
const FILLING = 12_000;
const MOST_REFUSED = 0.001;
const HOUR = 3600;
const SERVER = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const WITNESS = fileURLToPath(new URL('processes/memory-witness.js', import.meta.url));
const QUERY = '{ me { id username subscription { planCode } usage { used } } }';

/** A key of our own, in the place of the pool's: the sandbox would have to sign everybody in. */
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const HEADER = encoded({ alg: 'RS256', kid: 'bench', typ: 'JWT' });

function encoded(value) {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function newToken({ sub, username }, { poolId, clientId }) {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    sub,
    username,
    iss: `https://cognito-idp.us-east-1.amazonaws.com/${poolId}`,
    client_id: clientId,
    token_use: 'access',
    scope: 'aws.cognito.signin.user.admin',
    auth_time: now,
    iat: now,
    exp: now + HOUR,
    jti: randomUUID(),
    origin_jti: randomUUID(),
  };
  const text = `${HEADER}.${encoded(claims)}`;
  return `${text}.${sign('RSA-SHA256', Buffer.from(text), privateKey).toString('base64url')}`;
}

/** Serves the public key where the pool's would be. */
async function keyServer() {
  const key = { ...publicKey.export({ format: 'jwk' }), kid: 'bench', alg: 'RS256', use: 'sig' };
  const server = createServer((_request, reply) => {
    reply.setHeader('content-type', 'application/json');
    reply.end(JSON.stringify({ keys: [key] }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${server.address().port}`;
}

function startServer(environment) {
  const words = ['--expose-gc', '--import', WITNESS, SERVER];
  const options = { env: environment, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] };
  return start(SERVER_CORE, [process.execPath, ...words], options);
}

/** What the heap holds after a collection, in megabytes. */
async function heapOf(child) {
  child.send('heap');
  const [{ heapUsed }] = await once(child, 'message');
  return heapUsed / 2 ** 20;
}

const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });

function ask(token) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port: PORT, method: 'POST', path: '/graphql', headers, agent },
      (reply) => {
        let text = '';
        reply.setEncoding('utf8');
        reply.on('data', (chunk) => {
          text += chunk;
        });
        reply.on('end', () => resolve({ status: reply.statusCode, answer: JSON.parse(text) }));
      },
    );
    sent.once('error', reject);
    sent.end(JSON.stringify({ query: QUERY }));
  });
}

async function ready(child, token) {
  while (child.exitCode === null) {
    const reply = await ask(token).catch(() => null);
    if (reply?.status === 200 && reply.answer.data) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('The server ended before it answered');
}

const sandbox = await startSandbox(PORT + 99);
const pool = { poolId: sandbox.environment.COGNITO_USER_POOL_ID, clientId: sandbox.environment.COGNITO_CLIENT_ID };
const { users } = await sandbox.post('/_sandbox/seed', { users: USERS, emailPrefix: 'soak' });
const child = startServer({
  PATH: process.env.PATH,
  NODE_ENV: 'production',
  ...sandbox.environment,
  COGNITO_JWKS_ORIGIN: await keyServer(),
  AWS_RATE_FACTOR: '10000', // each customer is asked for one by one, past the rates that would keep them out
  USAGE_LAG_SECONDS: '3600',
  SWEEP_INTERVAL_SECONDS: '0',
  PORT: String(PORT),
});
await ready(child, newToken(users[0], pool));
const atStart = await heapOf(child);

let asked = 0;
let wrong = 0;
/** Those who are told to come back, because others keep the machine busy. */
let refused = 0;
let isOver = false;
async function askOnAndOn() {
  while (!isOver) {
    const user = users[asked++ % users.length];
    const { status, answer } = await ask(newToken(user, pool));
    if (answer.data?.me.id === user.sub) continue;
    if (answer.errors?.[0]?.extensions.code === 'TRY_AGAIN') {
      refused += 1;
      continue;
    }
    wrong += 1;
    console.error(`Wrong: ${status} ${JSON.stringify(answer)}`);
  }
}

const looks = [];
const crowd = Promise.all(Array.from({ length: AT_ONCE }, askOnAndOn));
while (asked < FILLING) await new Promise((resolve) => setTimeout(resolve, 100));
const began = performance.now();
for (let look = 1; look <= LOOKS; look++) {
  const at = (look / LOOKS) * MINUTES * 60_000;
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, began + at - performance.now())));
  looks.push({ asked, heap: await heapOf(child), resident: residentMegabytes(child.pid) });
}
isOver = true;
await crowd;
await stop(child);

const third = (number, what) =>
  median(looks.slice((number * LOOKS) / 3, ((number + 1) * LOOKS) / 3).map((one) => one[what]));
console.log(
  `${MINUTES} minutes, ${asked} requests of ${Math.min(asked, users.length)} users, each with a new token:\n`,
);
console.log('| MB, median of | at the start | first third | middle third | last third |\n|---|---|---|---|---|');
for (const [what, title, first] of [
  ['heap', 'heap after a collection', atStart.toFixed(1)],
  ['resident', 'resident', ''],
])
  console.log(`| ${title} | ${first} | ${[0, 1, 2].map((number) => third(number, what).toFixed(1)).join(' | ')} |`);
console.log(
  `\nHeap at each look: ${looks.map(({ heap }) => heap.toFixed(0)).join(' ')}; wrong answers: ${wrong}; told to come back: ${refused}`,
);
const growth = third(2, 'heap') / third(1, 'heap') - 1;
const isGood = wrong === 0 && refused <= asked * MOST_REFUSED && growth <= MOST_GROWTH;
console.log(
  `The heap's last third is ${(growth * 100).toFixed(1)} % above the middle one. ${isGood ? 'Good.' : 'BROKEN.'}`,
);
process.exit(isGood ? 0 : 1);
