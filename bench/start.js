// How long from the start of a process to its first answer: the server and the function, bundled and not. Each is a new
// `node` every time; the variants take turns, so that whatever else the machine does meets all of them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Sandbox } from '../dist/sandbox/server.js';

const RUNS = 7;
const ROOT = fileURLToPath(new URL('../', import.meta.url));
const POLL_MILLISECONDS = 5;
const EVENT = {
  version: '2.0',
  rawPath: '/graphql',
  rawQueryString: '',
  headers: { 'content-type': 'application/json' },
  requestContext: { stage: '$default', http: { method: 'POST', path: '/graphql', sourceIp: '203.0.113.9' } },
  body: '{"query":"{ __typename }"}',
  isBase64Encoded: false,
};
const FUNCTION = `const { http } = await import(process.argv[1]);
const { statusCode } = await http(${JSON.stringify(EVENT)}, {});
if (statusCode !== 200) throw new Error(String(statusCode));
const { user, system } = process.cpuUsage();
process.stdout.write('answered ' + (user + system) + '\\n', () => process.exit());`;

const sandbox = await Sandbox.start({ port: 0, directory: null });
const { region, userPoolId, clientId } = sandbox.info();
const env = {
  PATH: process.env.PATH,
  AWS_REGION: region,
  AWS_ACCESS_KEY_ID: 'bench',
  AWS_SECRET_ACCESS_KEY: 'bench',
  AWS_ENDPOINT_URL_API_GATEWAY: sandbox.url,
  AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: sandbox.url,
  COGNITO_JWKS_ORIGIN: sandbox.url,
  COGNITO_USER_POOL_ID: userPoolId,
  COGNITO_CLIENT_ID: clientId,
  KEY_SECRET: 'a-secret-for-measuring-that-is-long-enough',
  SWEEP_INTERVAL_SECONDS: '0',
  DRAIN_SECONDS: '0',
};

const variants = [
  { name: 'function, bundled', run: () => functionOf('dist-lambda/lambda.mjs') },
  { name: 'function, not bundled', run: () => functionOf('dist/lambda.js') },
  { name: 'server, bundled', run: () => serverOf('dist-bundle/main.mjs') },
  { name: 'server, not bundled', run: () => serverOf('dist/main.js') },
];

/** One instance: it starts, loads the file, makes the application and answers one GraphQL request. */
async function functionOf(path) {
  const begin = performance.now();
  const args = ['--input-type=module', '--eval', FUNCTION, `${ROOT}${path}`];
  const settings = { ...env, AWS_LAMBDA_FUNCTION_NAME: 'bench' };
  const child = spawn(process.execPath, args, { env: settings, stdio: ['ignore', 'pipe', 'ignore'] });
  let measured = null;
  child.stdout.on('data', (text) => {
    const microseconds = /^answered (\d+)$/m.exec(String(text))?.[1];
    if (microseconds) measured = { wall: performance.now() - begin, cpu: Number(microseconds) / 1000 };
  });
  await once(child, 'exit');
  if (measured === null) throw new Error(`${path} gave no answer`);
  return measured;
}

/** One server: until it answers, the look at the account before it listens included. */
async function serverOf(path) {
  const port = await freePort();
  const begin = performance.now();
  const settings = { ...env, PORT: String(port) };
  const child = spawn(process.execPath, [`${ROOT}${path}`], { env: settings, stdio: 'ignore' });
  const body = '{"query":"{ __typename }"}';
  const ask = () =>
    fetch(`http://127.0.0.1:${port}/graphql`, { method: 'POST', headers: EVENT.headers, body }).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await ask())) {
    if (child.exitCode !== null) throw new Error(`${path} ended with ${child.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
  }
  const wall = performance.now() - begin;
  child.kill('SIGINT');
  await once(child, 'exit');
  return { wall, cpu: null };
}

function sorted(numbers) {
  return numbers.map(Math.round).sort((a, b) => a - b);
}

function middle(numbers) {
  return numbers[Math.floor(numbers.length / 2)];
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

const times = new Map(variants.map(({ name }) => [name, []]));
for (const { run } of variants) await run(); // once for the disk
for (let turn = 0; turn < RUNS; turn += 1) {
  for (const { name, run } of variants) times.get(name).push(await run());
}
await sandbox.close();

console.log(
  `From the start of node ${process.version} to the first answer, on ${cpus().length} × ${cpus()[0]?.model.trim()}, ${RUNS} runs each:`,
);
console.log('| what | median | least | most | processor time, median |\n|---|---|---|---|---|');
for (const [name, all] of times) {
  const wall = sorted(all.map((one) => one.wall));
  const cpu = all.every((one) => one.cpu !== null) ? `${middle(sorted(all.map((one) => one.cpu)))} ms` : '';
  console.log(`| ${name} | ${middle(wall)} ms | ${wall[0]} ms | ${wall.at(-1)} ms | ${cpu} |`);
}
process.exit();
