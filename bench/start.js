// How long from the start of a process to its first answer: the server and the function, bundled, bundled with its compiled
// code refused, and not bundled; beside a process that does nothing, and bare Apollo Server bundled in the same way. Each is a
// new `node` every time; they take turns, so that whatever else the machine does meets all of them.
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Sandbox } from '../dist/sandbox/server.js';
import { freePort } from '../dist/sandbox/server-process.js';
import { compile, keepCompiled } from '../infra/bundle/compile.js';
import { SERVER_FLAGS } from '../infra/bundle/server-flags.js';
import { runOfFunction, runOfNothing, runOfServer } from './start/runs.js';

const RUNS = 7;
const ROOT = fileURLToPath(new URL('../', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'turnpike-start-'));
const place = (path) => join(ROOT, path);

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
  BENCH_DATA: join(work, 'data.json'), // Apollo's
};

/** Apollo's file, made as Turnpike's are. */
async function bundledApollo() {
  writeFileSync(env.BENCH_DATA, JSON.stringify({ customers: [], plans: [] }));
  const folder = join(work, 'apollo');
  const entrance = place('bench/start/apollo.js');
  await compile({ root: place('bench'), entrance, folder, name: 'apollo', plugins: [] });
  cpSync(place('bench/contestants/shared/slice.graphql'), join(folder, 'slice.graphql'));
  await keepCompiled(folder, 'apollo', { ...env, PORT: String(await freePort('PORT', 0)) });
  return folder;
}

/** The same bundle as where V8 takes nothing of what was compiled before. */
function withoutCompiled(bundle, name) {
  const folder = join(work, name);
  cpSync(bundle, folder, { recursive: true });
  rmSync(join(folder, 'code.cache'));
  return folder;
}

const apollo = await bundledApollo();
const REFERENCE = 'bare Apollo Server, bundled';
const variants = [
  { name: 'node -e 0', run: runOfNothing, path: '' },
  { name: REFERENCE, run: runOfServer, path: join(apollo, 'apollo.cjs') },
  {
    name: `${REFERENCE}, compiled anew`,
    run: runOfServer,
    path: join(withoutCompiled(apollo, 'apollo-anew'), 'apollo.cjs'),
  },
  { name: 'function, bundled', run: runOfFunction, path: place('dist-lambda/lambda.cjs') },
  {
    name: 'function, bundled, compiled anew',
    run: runOfFunction,
    path: join(withoutCompiled(place('dist-lambda'), 'lambda-anew'), 'lambda.cjs'),
  },
  { name: 'function, not bundled', run: runOfFunction, path: place('dist/lambda.js') },
  { name: 'server, bundled', run: runOfServer, path: place('dist-bundle/main.cjs'), flags: SERVER_FLAGS },
  {
    name: 'server, bundled, compiled anew',
    run: runOfServer,
    path: join(withoutCompiled(place('dist-bundle'), 'main-anew'), 'main.cjs'),
  },
  { name: 'server, not bundled', run: runOfServer, path: place('dist/main.js') },
];

function sorted(numbers) {
  return numbers.map(Math.round).sort((a, b) => a - b);
}

function middle(numbers) {
  return numbers[Math.floor(numbers.length / 2)];
}

const times = new Map(variants.map(({ name }) => [name, []]));
for (const { run, path, flags } of variants) await run(path, env, flags); // once for the disk
for (let turn = 0; turn < RUNS; turn += 1) {
  for (const { name, run, path, flags } of variants) times.get(name).push(await run(path, env, flags));
}
await sandbox.close();
rmSync(work, { recursive: true });

const reference = middle(sorted(times.get(REFERENCE).map(({ wall }) => wall)));
console.log(
  `From the start of node ${process.version} to the first answer, on ${cpus().length} × ${cpus()[0]?.model.trim()}, ${RUNS} runs each:`,
);
console.log('| what | median | least | most | × Apollo | processor time, median |\n|---|---|---|---|---|---|');
for (const [name, all] of times) {
  const wall = sorted(all.map((one) => one.wall));
  const cpu = all.every((one) => one.cpu !== null) ? `${middle(sorted(all.map((one) => one.cpu)))} ms` : '';
  const ratio = (middle(wall) / reference).toFixed(2);
  console.log(`| ${name} | ${middle(wall)} ms | ${wall[0]} ms | ${wall.at(-1)} ms | ${ratio} | ${cpu} |`);
}
process.exit();
