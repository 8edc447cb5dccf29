import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '../../dist/sandbox/server-process.js';

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
const FUNCTION = `const loaded = await import(process.argv[1]);
const { http } = loaded.default ?? loaded;
const { statusCode } = await http(${JSON.stringify(EVENT)}, {});
if (statusCode !== 200) throw new Error(String(statusCode));
const { user, system } = process.cpuUsage();
process.stdout.write('answered ' + (user + system) + '\\n', () => process.exit());`;

/** The least that a process takes, in milliseconds from its start to its end. */
export async function runOfNothing(_path, env) {
  const begin = performance.now();
  await once(spawn(process.execPath, ['--eval', '0'], { env, stdio: 'ignore' }), 'exit');
  return { wall: performance.now() - begin, cpu: null };
}

/** One instance: it starts, loads the file, makes the application and answers one GraphQL request. */
export async function runOfFunction(path, env) {
  const begin = performance.now();
  const args = ['--input-type=module', '--eval', FUNCTION, path];
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

/** One server: until it answers, Turnpike's look at the account before it listens included. */
export async function runOfServer(path, env, flags = []) {
  const port = await freePort('PORT', 0);
  const begin = performance.now();
  const child = spawn(process.execPath, [...flags, path], { env: { ...env, PORT: String(port) }, stdio: 'ignore' });
  const ask = () =>
    fetch(`http://127.0.0.1:${port}/graphql`, { method: 'POST', headers: EVENT.headers, body: EVENT.body }).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await ask())) {
    if (child.exitCode !== null) throw new Error(`${path} ended with ${child.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
  }
  const wall = performance.now() - begin;
  child.kill('SIGKILL'); // Apollo's ends too slowly for whoever is measured next
  await once(child, 'exit');
  return { wall, cpu: null };
}
