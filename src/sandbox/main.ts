import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { banner, exportLines } from './banner.js';
import { habitsFlag } from './habits/habits-flag.js';
import { serverPolicies } from './iam/server-policies.js';
import { SERVER_PORT } from './seed.js';
import { Sandbox } from './server.js';
import { freePort, onSignals, ServerProcess, serverEnvironment } from './server-process.js';
import { lockState } from './state-lock.js';

/**
 * `npm run sandbox [-- --fresh] [-- --no-server] [-- --habits aws-limits]`: the sandbox, and the unchanged server
 * against it.
 */

const STATE_DIRECTORY = resolve('.sandbox');

async function main(line: readonly string[]): Promise<void> {
  const { habits, flags } = habitsFlag(line);
  const unknown = flags.find((flag) => flag !== '--fresh' && flag !== '--no-server');
  if (unknown) throw new Error(`Unknown flag ${unknown}; there are --fresh, --no-server and --habits.`);
  const directory = process.env.SANDBOX_STATE === 'memory' ? null : STATE_DIRECTORY;
  const serverPort = portFrom('PORT', SERVER_PORT);
  const sandboxPort = portFrom('SANDBOX_PORT', 4510);
  await freePort('SANDBOX_PORT', sandboxPort);
  if (directory && flags.includes('--fresh')) dropState(directory);
  const sandbox = await Sandbox.start({ port: sandboxPort, directory, policies: serverPolicies() });
  sandbox.habits.set(habits);
  const withServer = !flags.includes('--no-server');
  const port = withServer ? await freePort('PORT', serverPort) : serverPort;
  sandbox.allowWebsite(port);
  const environment = serverEnvironment(sandbox, { port, keySecret: keySecret(directory) }, process.env);
  if (withServer) return runServer(sandbox, environment);
  onSignals(() => sandbox.close());
  console.log(banner(sandbox.url, sandbox.info(), null));
  console.log(exportLines(environment));
}

function dropState(directory: string): void {
  const unlock = lockState(directory);
  unlock();
  rmSync(directory, { recursive: true, force: true });
}

async function runServer(sandbox: Sandbox, environment: Record<string, string>): Promise<void> {
  const server = new ServerProcess(environment, process.env);
  onSignals(async () => {
    await server.stop();
    await sandbox.close();
  });
  server.onEnd((how, code) => {
    server.showLog();
    console.error(`The server ended (${how}), so the sandbox stops too.`);
    process.exit(code);
  });
  await server.ready();
  console.log(banner(sandbox.url, sandbox.info(), server.url));
  server.showLog();
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

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
