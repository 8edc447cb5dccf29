import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { banner, exportLines } from './banner.js';
import { Sandbox } from './server.js';
import { lockState } from './state-lock.js';

/** `npm run sandbox [-- --fresh] [-- --no-server]`: the sandbox, and the unchanged server against it. */

const SERVER = fileURLToPath(new URL('../main.js', import.meta.url));
const STATE_DIRECTORY = resolve('.sandbox');
const READY_WITHIN_SECONDS = 60;

async function main(flags: readonly string[]): Promise<void> {
  const unknown = flags.find((flag) => flag !== '--fresh' && flag !== '--no-server');
  if (unknown) throw new Error(`Unknown flag ${unknown}; there are --fresh and --no-server.`);
  const directory = process.env.SANDBOX_STATE === 'memory' ? null : STATE_DIRECTORY;
  const serverPort = portFrom('PORT', 3000);
  const sandboxPort = portFrom('SANDBOX_PORT', 4510);
  await checkFree('SANDBOX_PORT', sandboxPort);
  if (directory && flags.includes('--fresh')) dropState(directory);
  const sandbox = await Sandbox.start({ port: sandboxPort, directory });
  const environment = serverEnvironment(sandbox, serverPort, keySecret(directory));
  if (flags.includes('--no-server')) {
    onSignals(() => sandbox.close());
    console.log(banner(sandbox.url, sandbox.info(), null));
    console.log(exportLines(environment));
  } else await runServer(sandbox, serverPort, environment);
}

function dropState(directory: string): void {
  const unlock = lockState(directory);
  unlock();
  rmSync(directory, { recursive: true, force: true });
}

async function runServer(sandbox: Sandbox, port: number, environment: Record<string, string>): Promise<void> {
  if (!existsSync(SERVER))
    throw new Error(`There is no server at ${SERVER}: run \`npm run build\`, or use --no-server.`);
  await checkFree('PORT', port);
  const server = spawn(process.execPath, [SERVER], { env: childEnvironment(environment), stdio: 'inherit' });
  process.once('exit', () => server.kill());
  let stopping = false;
  onSignals(async () => {
    stopping = true;
    await stop(server);
    await sandbox.close();
  });
  server.once('exit', (code, signal) => {
    if (stopping) return;
    console.error(`The server ended (${signal ?? `code ${code}`}), so the sandbox stops too.`);
    process.exit(code || 1);
  });
  const serverUrl = `http://127.0.0.1:${port}`;
  await untilReady(`${serverUrl}/readyz`);
  console.log(banner(sandbox.url, sandbox.info(), serverUrl));
}

function serverEnvironment(sandbox: Sandbox, port: number, secret: string): Record<string, string> {
  const { region, userPoolId, clientId } = sandbox.info();
  const ours = {
    COGNITO_USER_POOL_ID: userPoolId,
    COGNITO_CLIENT_ID: clientId,
    COGNITO_JWKS_ORIGIN: sandbox.url,
    AWS_ENDPOINT_URL_API_GATEWAY: sandbox.url,
    AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: sandbox.url,
    KEY_SECRET: secret,
    USAGE_LAG_SECONDS: '0',
    GRAPHIQL: 'on',
    INTROSPECTION: 'on',
    PORT: String(port),
  };
  const given = Object.entries(ours).map(([name, value]) => [name, process.env[name] || value]);
  // Never the developer's own account: real credentials have no business here, nor has another Region.
  const account = { AWS_REGION: region, AWS_ACCESS_KEY_ID: 'sandbox', AWS_SECRET_ACCESS_KEY: 'sandbox' };
  return { ...Object.fromEntries(given), ...account };
}

function childEnvironment(environment: Record<string, string>): NodeJS.ProcessEnv {
  const { AWS_PROFILE: _profile, AWS_SESSION_TOKEN: _token, ...inherited } = process.env;
  return { ...inherited, ...environment };
}

/** Made once per install, so that keys derived from it survive a restart. */
function keySecret(directory: string | null): string {
  const made = randomBytes(32).toString('base64url');
  if (directory === null) return made;
  const path = resolve(directory, 'key-secret');
  if (existsSync(path)) return readFileSync(path, 'utf8').trim();
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  writeFileSync(path, `${made}\n`, { mode: 0o600 });
  return made;
}

function portFrom(name: 'PORT' | 'SANDBOX_PORT', fallback: number): number {
  const port = Number(process.env[name] || fallback);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`${name} is not a port number.`);
  return port;
}

async function checkFree(name: string, port: number): Promise<void> {
  const probe = createServer();
  await new Promise<void>((free, taken) => {
    probe.once('error', () => taken(new Error(`Port ${port} is taken. Set ${name} to a free one.`)));
    probe.listen(port, () => probe.close(() => free()));
  });
}

async function untilReady(url: string): Promise<void> {
  for (let waitedSeconds = 0; waitedSeconds < READY_WITHIN_SECONDS; waitedSeconds += 0.2) {
    const ready = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
    if (ready) return;
    await pause(200);
  }
  throw new Error(`The server did not become ready within ${READY_WITHIN_SECONDS} seconds (${url}).`);
}

async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = new Promise((resolveEnded) => server.once('exit', resolveEnded));
  server.kill('SIGTERM');
  await Promise.race([ended, pause(10_000, undefined, { ref: false })]);
  server.kill('SIGKILL');
}

function onSignals(shutDown: () => Promise<void>): void {
  let asked = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (asked) return;
      asked = true;
      void shutDown().then(() => process.exit(0));
    });
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
