import { type ChildProcess, spawn } from 'node:child_process';
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
  private readonly written: Buffer[] = [];
  private isStopping = false;

  /** `inherited` is the environment below `environment`; with `output: 'kept'` nothing of the log is shown. */
  constructor(environment: Record<string, string>, inherited: Environment, output: 'shown' | 'kept') {
    if (!existsSync(SERVER))
      throw new Error(`There is no server at ${SERVER}: run \`npm run build\`, or use --no-server.`);
    const { AWS_PROFILE: _profile, AWS_SESSION_TOKEN: _token, ...rest } = inherited;
    const stdio = output === 'shown' ? 'inherit' : (['ignore', 'pipe', 'pipe'] as const);
    this.child = spawn(process.execPath, [SERVER], { env: { ...rest, ...environment }, stdio: stdio as 'inherit' });
    this.url = `http://127.0.0.1:${environment.PORT}`;
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (chunk: Buffer) => void this.written.push(chunk));
    }
    process.once('exit', () => this.child.kill());
  }

  /** All that the server has logged so far, when its output is kept. */
  get log(): string {
    return Buffer.concat(this.written).toString('utf8');
  }

  /** Tells when the server has ended without being asked to. */
  onEnd(tell: (how: string, code: number) => void): void {
    this.child.once('exit', (code, signal) => {
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
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await Promise.race([ended, pause(STOP_WITHIN_MILLISECONDS, undefined, { ref: false })]);
    this.child.kill('SIGKILL');
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
