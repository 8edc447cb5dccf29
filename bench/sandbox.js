import { spawn, spawnSync } from 'node:child_process';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';

/*
 * `npm run bench:sandbox`: how fast the built sandbox is on one core. Each round starts it anew, then asks its control
 * plane and its data plane in turn; the table shows medians, and what each should be at least.
 */

const ROUNDS = 5;
const SECONDS = 2;
const CONNECTIONS = 8;
const SANDBOX = fileURLToPath(new URL('../dist/sandbox/main.js', import.meta.url));
const SIGNED = { authorization: 'AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/apigateway/aws4_request' };
const TARGETS = { 'ready, ms': 1000, 'control-plane calls/s': 1000, 'data-plane calls/s': 3000 };

/** Bound to one core where `taskset` can do that. */
const BOUND = spawnSync('taskset', ['-c', '0', 'true']).status === 0 ? ['taskset', '-c', '0'] : [];

function start() {
  const silence = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };
  const env = { PATH: process.env.PATH, SANDBOX_STATE: 'memory', SANDBOX_PORT: '0', ...silence };
  const [command, ...words] = [...BOUND, process.execPath, SANDBOX, '--no-server'];
  const child = spawn(command, words, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((resolve, reject) => {
    let said = '';
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`The sandbox ended with ${code}: ${said}`)));
    child.stdout.on('data', (chunk) => {
      said += chunk;
      const [, url] = /Sandbox +(http:\/\/[^/]+)\//.exec(said) ?? [];
      if (url) resolve({ url, stop: () => child.kill('SIGKILL') });
    });
  });
}

function ask(agent, url, { method = 'GET', headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent, method, headers }, (reply) => {
      let text = '';
      reply.setEncoding('utf8');
      reply.on('data', (chunk) => {
        text += chunk;
      });
      reply.on('end', () => resolve({ status: reply.statusCode, text }));
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

/** How many calls a second are answered as they should be; any other answer ends it. */
async function rate(agent, url, how, expected) {
  const end = performance.now() + SECONDS * 1000;
  let calls = 0;
  const connection = async () => {
    while (performance.now() < end) {
      const { status, text } = await ask(agent, url, how);
      if (status !== expected) throw new Error(`${url} answered ${status} ${text}`);
      calls += 1;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  return calls / SECONDS;
}

async function round() {
  const began = performance.now();
  const { url, stop } = await start();
  const ready = performance.now() - began;
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const post = (path, body) =>
    ask(agent, `${url}${path}`, { method: 'POST', headers: SIGNED, body: JSON.stringify(body) });
  try {
    const { restApiId, stage, invokeUrl } = JSON.parse((await ask(agent, `${url}/_sandbox/info`)).text);
    const key = JSON.parse((await post('/apikeys', { name: 'bench', enabled: true })).text);
    const stages = [{ apiId: restApiId, stage }];
    const plan = JSON.parse((await post('/usageplans', { name: 'bench', apiStages: stages })).text);
    await post(`/usageplans/${plan.id}/keys`, { keyId: key.id, keyType: 'API_KEY' });
    const control = await rate(agent, `${url}/apikeys/${key.id}`, { headers: SIGNED }, 200);
    const data = await rate(agent, `${invokeUrl}/open`, { headers: { 'x-api-key': key.value } }, 200);
    return { 'ready, ms': ready, 'control-plane calls/s': control, 'data-plane calls/s': data };
  } finally {
    agent.destroy();
    stop();
  }
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

const rounds = [];
for (let n = 0; n < ROUNDS; n++) rounds.push(await round());
const rows = Object.entries(TARGETS).map(([what, target]) => {
  const numbers = rounds.map((one) => Math.round(one[what]));
  return { what, median: median(numbers), least: Math.min(...numbers), most: Math.max(...numbers), target };
});
console.log(`The sandbox on one core, ${ROUNDS} rounds of ${SECONDS} s for each plane, ${CONNECTIONS} connections:`);
console.table(Object.fromEntries(rows.map(({ what, ...numbers }) => [what, numbers])));
