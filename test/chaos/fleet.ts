import { existsSync } from 'node:fs';
import { CLIENT_ID, REGION, USER_POOL_ID } from '../../src/sandbox/seed.js';
import { pick } from '../faults/seeded.js';
import { Process } from './process.js';

const MAIN = 'dist/main.js';
const SWEEP = 'dist/sweep.js';

type Environment = Readonly<Record<string, string>>;

/** One of the servers, from its start to its end. */
class Server {
  /** Null until it listens, and when it has ended. */
  url: string | null = null;
  readonly process: Process;
  private readonly listening: Promise<void>;

  constructor(env: Environment) {
    this.process = new Process(process.execPath, [MAIN], env);
    this.listening = this.process.says(/"message":"Listening on (http:[^"]+)"/).then((url) => {
      this.url = url;
    });
    this.listening.catch(() => {}); // told to whoever waits for it
    void this.process.exit.then(() => {
      this.url = null;
    });
  }

  ready(): Promise<void> {
    return this.listening;
  }
}

export interface SweepOutcome {
  readonly exitCode: number | null;
  readonly seconds: number;
  readonly printed: string;
}

/** Several server processes against one sandbox, with a load balancer's knowledge of which of them listen. */
export class Fleet {
  kills = 0;
  private readonly logs: Process[] = [];

  private constructor(
    private readonly env: Environment,
    private readonly servers: Server[],
  ) {}

  static async start(sandboxUrl: string, count: number, env: Environment = {}): Promise<Fleet> {
    if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: run "npm run build" first ("npm test" does).`);
    const fleet = new Fleet({ ...environment(sandboxUrl), PROCESS_COUNT: String(count), ...env }, []);
    for (let place = 0; place < count; place++) fleet.startAt(place);
    await fleet.whole();
    return fleet;
  }

  /** Those that listen. */
  get urls(): readonly string[] {
    return this.servers.flatMap(({ url }) => url ?? []);
  }

  /** Log lines of level "error", and whatever was written past the log. */
  get complaints(): string[] {
    const isError = (line: string) => line.includes('"level":"error"') || !line.startsWith('{');
    return this.logs.flatMap(({ stdout, stderr }) => {
      return [...stdout.split('\n').slice(0, -1).filter(isError), ...stderr.split('\n').filter(Boolean)];
    });
  }

  /** Ends one without warning, and starts another in its place. */
  killOne(chance: () => number): void {
    const listening = this.servers.flatMap(({ url }, place) => (url === null ? [] : [place]));
    const [first, ...others] = listening;
    if (first === undefined) return;
    const place = pick(chance, [first, ...others]);
    this.kills += 1;
    void this.servers[place]?.process.kill();
    this.startAt(place);
  }

  /** Everybody listens. */
  async whole(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.ready()));
  }

  async sweep(...flags: string[]): Promise<SweepOutcome> {
    const began = performance.now();
    const sweep = new Process(process.execPath, [SWEEP, ...flags], this.env);
    const exitCode = await sweep.exit;
    return { exitCode, seconds: (performance.now() - began) / 1000, printed: sweep.stdout + sweep.stderr };
  }

  async close(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.process.kill()));
  }

  private startAt(place: number): void {
    const server = new Server(this.env);
    this.servers[place] = server;
    this.logs.push(server.process);
  }
}

function environment(sandboxUrl: string): Environment {
  return {
    PORT: '0',
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: 'server',
    AWS_SECRET_ACCESS_KEY: 'server',
    AWS_ENDPOINT_URL_API_GATEWAY: sandboxUrl,
    AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: sandboxUrl,
    COGNITO_JWKS_ORIGIN: sandboxUrl,
    COGNITO_USER_POOL_ID: USER_POOL_ID,
    COGNITO_CLIENT_ID: CLIENT_ID,
    KEY_SECRET: 'a-secret-for-tests-that-is-long-enough-0123456789',
    USAGE_LAG_SECONDS: '0',
    SWEEP_INTERVAL_SECONDS: '0',
    LIMIT_MUTATIONS_PER_MINUTE: '0',
    LIMIT_ROTATIONS_PER_HOUR: '0',
    LIMIT_ROTATIONS_PER_DAY: '0',
    LIMIT_PLAN_CHANGES_PER_DAY: '0',
    LIMIT_ANONYMOUS_PER_MINUTE: '0',
  };
}
