import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { SERVER_ACCESS_KEY_ID } from './iam/server-policies.js';
import type { Sandbox } from './server.js';

type Environment = Readonly<Record<string, string | undefined>>;

const SERVER = fileURLToPath(new URL('../main.js', import.meta.url));
const READY_WITHIN_SECONDS = 60;
const STOP_WITHIN_MILLISECONDS = 10_000;
const NO_LIMIT_FACTOR = 1000;
/** Wide enough for whoever lets a script loose on the sandbox; a smaller one is set by hand to see it refuse. */
const LIMITS = {
  LIMIT_MUTATIONS_PER_MINUTE: '1000',
  LIMIT_ADMIN_MUTATIONS_PER_MINUTE: '1000',
  LIMIT_ROTATIONS_PER_HOUR: '1000',
  LIMIT_ROTATIONS_PER_DAY: '1000',
  LIMIT_PLAN_CHANGES_PER_DAY: '1000',
  LIMIT_ANONYMOUS_PER_MINUTE: '6000',
};

/** What points the unchanged server at a sandbox. What `given` names already stays as it is there. */
export function serverEnvironment(
  sandbox: Sandbox,
  { port, keySecret }: { port: number; keySecret: string },
  given: Environment,
): Record<string, string> {
  const { region, userPoolId, clientId, invokeUrl } = sandbox.info();
  const { rates, rateFactor } = sandbox.habits.settings;
  const ours = {
    COGNITO_USER_POOL_ID: userPoolId,
    COGNITO_CLIENT_ID: clientId,
    COGNITO_JWKS_ORIGIN: sandbox.url,
    COGNITO_DOMAIN: sandbox.url,
    API_URL: invokeUrl,
    API_TRY_PATH: '/pets',
    AWS_ENDPOINT_URL_API_GATEWAY: sandbox.url,
    AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: sandbox.url,
    AWS_ENDPOINT_URL_KMS: sandbox.url,
    KEY_SECRET: keySecret,
    USAGE_LAG_SECONDS: '0',
    MANAGE_PLANS: 'true',
    DRAIN_SECONDS: '0',
    AWS_RATE_FACTOR: String(rates ? rateFactor : NO_LIMIT_FACTOR),
    ...LIMITS,
    GRAPHIQL: 'on',
    INTROSPECTION: 'on',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true', // the SDK is pinned; its notice says nothing about a sandbox
  };
  const chosen = Object.entries(ours).map(([name, value]) => [name, given[name] || value]);
  // Never the developer's own account: real credentials have no business here, nor has another Region.
  const account = { AWS_REGION: region, AWS_ACCESS_KEY_ID: SERVER_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY: 'sandbox' };
  return { ...Object.fromEntries(chosen), PORT: String(port), ...account };
}

/** The built server, running as a child of this process; it ends with it, whatever happens. */
export class ServerProcess {
  readonly url: string;
  private readonly child: ChildProcess;
  private written: Buffer[] = [];
  private isShown = false;
  private isStopping = false;

  /** `inherited` is the environment below `environment`. */
  constructor(environment: Record<string, string>, inherited: Environment) {
    if (!existsSync(SERVER))
      throw new Error(`There is no server at ${SERVER}: run \`npm run build\`, or use --no-server.`);
    const { AWS_PROFILE: _profile, AWS_SESSION_TOKEN: _token, ...rest } = inherited;
    const stdio: StdioOptions = ['ignore', 'pipe', 'pipe'];
    this.child = spawn(process.execPath, [SERVER], { env: { ...rest, ...environment }, stdio });
    this.url = `http://127.0.0.1:${environment.PORT}`;
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (chunk: Buffer) => this.logged(chunk));
    }
    process.once('exit', () => this.child.kill());
  }

  /** All that the server has logged so far and that is not shown. */
  get log(): string {
    return Buffer.concat(this.written).toString('utf8');
  }

  /** Shows what the server has logged so far, and from now on all that it logs. */
  showLog(): void {
    process.stdout.write(this.log);
    this.written = [];
    this.isShown = true;
  }

  /** Tells when the server has ended without being asked to, and its log is whole. */
  onEnd(tell: (how: string, code: number) => void): void {
    this.child.once('close', (code, signal) => {
      if (!this.isStopping) tell(signal ?? `code ${code}`, code || 1);
    });
  }

  async ready(): Promise<void> {
    const url = `${this.url}/readyz`;
    for (let waitedSeconds = 0; waitedSeconds < READY_WITHIN_SECONDS; waitedSeconds += 0.2) {
      if (this.hasEnded) throw new Error(`The server ended before it was ready. ${this.log}`);
      const isReady = await fetch(url).then(
        ({ ok }) => ok,
        () => false,
      );
      if (isReady) return;
      await pause(200);
    }
    throw new Error(`The server did not become ready within ${READY_WITHIN_SECONDS} seconds (${url}).`);
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    if (this.hasEnded) return;
    const ended = once(this.child, 'close'); // when the last of its log is here
    this.child.kill('SIGTERM');
    await Promise.race([ended, pause(STOP_WITHIN_MILLISECONDS, undefined, { ref: false })]);
    this.child.kill('SIGKILL');
  }

  private logged(chunk: Buffer): void {
    if (this.isShown) process.stdout.write(chunk);
    else this.written.push(chunk);
  }

  private get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }
}

/** The port if nobody listens there; 0 stands for any free one. `name` is the variable to set otherwise. */
export async function freePort(name: string, port: number): Promise<number> {
  const probe = createServer();
  return new Promise<number>((free, taken) => {
    probe.once('error', () => taken(new Error(`Port ${port} is taken. Set ${name} to a free one.`)));
    probe.listen(port, () => {
      const found = (probe.address() as AddressInfo).port;
      probe.close(() => free(found));
    });
  });
}

/** Runs `shutDown` once at the first signal to end, then exits. */
export function onSignals(shutDown: () => Promise<void>, exitCode = 0): void {
  let asked = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (asked) return;
      asked = true;
      void shutDown().then(() => process.exit(exitCode));
    });
  }
}
