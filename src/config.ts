import { type DynamicModule, Module } from '@nestjs/common';
import * as z from 'zod';
import { PORTAL_VARIABLES, type PortalSettings, portalSettings } from './portal-settings.js';
import {
  access,
  atLeastOne,
  factor,
  list,
  origin,
  perCaller,
  proxies,
  redisUrl,
  wholeNumber,
} from './setting-forms.js';
import { TRACE_VARIABLES, type TraceSettings, traceSettings } from './tracing/settings.js';

const LOOPBACK = /^(127(\.\d{1,3}){3}|localhost|\[::1\])$/;
const SECRET_BYTES = 32;

const environment = z.object({
  NODE_ENV: z.string().optional(),
  AWS_LAMBDA_FUNCTION_NAME: z.string().optional(),
  PORT: wholeNumber(0, 65_535).default(3000),
  HOST: z.string().default('127.0.0.1'),
  TRUST_PROXY: proxies.optional(),
  METRICS_PORT: wholeNumber(0, 65_535).optional(),
  LOG_LEVEL: z
    .enum(['error', 'warn', 'log', 'debug', 'verbose'], 'must be error, warn, log, debug or verbose')
    .default('log'),
  CORS_ORIGINS: list.pipe(z.array(origin)).default([]),
  GRAPHIQL: access.default('off'),
  INTROSPECTION: access.default('admin'),
  AWS_REGION: z
    .string('is missing: the AWS Region of the user pool and the API')
    .regex(/^[a-z]{2,4}(-[a-z]+)+-\d$/, 'must be a Region such as us-east-1'),
  COGNITO_USER_POOL_ID: z
    .string('is missing: the id of the Cognito user pool')
    .regex(/^[a-z]{2,4}(-[a-z]+)+-\d_[A-Za-z0-9]+$/, 'must be a user pool id such as us-east-1_AbCdEf123'),
  COGNITO_CLIENT_ID: z.string('is missing: the id of the app client, or several with commas between').pipe(atLeastOne),
  COGNITO_TOKEN_USE: z.enum(['access', 'id'], 'must be access or id').default('access'),
  COGNITO_ADMIN_GROUP: z.string().min(1, 'must name a group').default('admin'),
  COGNITO_JWKS_ORIGIN: origin.optional(),
  COGNITO_DOMAIN: origin.optional(),
  KEY_SECRET: atLeastOne
    .refine((secrets) => secrets.every((secret) => Buffer.byteLength(secret) >= SECRET_BYTES), {
      message: `must be at least ${SECRET_BYTES} bytes long (each, when several are given with commas between)`,
    })
    .default([]),
  KEY_KMS_KEY_ID: atLeastOne.default([]),
  DEFAULT_PLAN: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/, 'must be the code of a plan')
    .optional(),
  KEY_PREFIX: z
    .string()
    .regex(/^[a-z0-9-]{1,20}$/, 'must be 1 to 20 of a-z, 0-9 and -')
    .default('turnpike'),
  MANAGE_PLANS: z.enum(['true', 'false'], 'must be true or false').default('false'),
  REDIS_URL: redisUrl.optional(),
  PROCESS_COUNT: wholeNumber(1, 1000).default(1),
  AWS_RATE_FACTOR: factor.default(1),
  SWEEP_INTERVAL_SECONDS: wholeNumber(0, 86_400).default(300),
  USAGE_LAG_SECONDS: wholeNumber(0, 86_400).default(3600),
  INDEX_MAX_USERS: wholeNumber(0, 10_000_000).default(50_000),
  LIMIT_MUTATIONS_PER_MINUTE: perCaller.default(10),
  LIMIT_ADMIN_MUTATIONS_PER_MINUTE: perCaller.default(60),
  LIMIT_ROTATIONS_PER_HOUR: perCaller.default(5),
  LIMIT_ROTATIONS_PER_DAY: perCaller.default(20),
  LIMIT_PLAN_CHANGES_PER_DAY: perCaller.default(5),
  LIMIT_ANONYMOUS_PER_MINUTE: perCaller.default(600),
  AUDIT_FILE: z.string().optional(),
  AUDIT_FILE_MAX_BYTES: wholeNumber(10_000, 10_000_000_000).default(50_000_000),
  AUDIT_FILE_KEEP: wholeNumber(1, 10_000).default(20),
  DRAIN_SECONDS: wholeNumber(0, 300).default(5),
  ALLOW_UNSAFE: list.default([]),
  ...PORTAL_VARIABLES,
  ...TRACE_VARIABLES,
});

export interface AuditFileSettings {
  readonly path: string;
  /** A file that would grow beyond this is put aside, and a new one begun. */
  readonly maxBytes: number;
  /** How many files put aside are kept. */
  readonly keep: number;
}

/** Everything Turnpike is told from outside, checked once at start. The only reader of process.env. */
export class Config {
  /** Whether this is AWS Lambda, where a process stands still between requests: nothing goes by the clock then. */
  readonly isOnLambda: boolean;
  readonly port: number;
  readonly host: string;
  /** Whose `X-Forwarded-For` is believed: so many proxies in front, or those; null = nobody's. */
  readonly trustProxy: number | readonly string[] | null;
  /** Where metrics are served, on the same host; null = nowhere. */
  readonly metricsPort: number | null;
  readonly logLevel: 'error' | 'warn' | 'log' | 'debug' | 'verbose';
  readonly corsOrigins: readonly string[];
  readonly graphiql: 'off' | 'admin' | 'on';
  readonly introspection: 'off' | 'admin' | 'on';
  readonly region: string;
  readonly userPoolId: string;
  readonly clientIds: readonly string[];
  readonly tokenUse: 'access' | 'id';
  readonly adminGroup: string;
  /** Where the pool's public keys are fetched; null = from AWS. */
  readonly jwksOrigin: string | null;
  /** Where the pool's hosted pages are, which sign people in; null = there are none. */
  readonly hostedUi: string | null;
  /** The first derives keys and signatures, all of them verify. */
  readonly keySecrets: readonly string[];
  /** Keys in KMS, each of which makes a secret; they come before those above. */
  readonly kmsKeyIds: readonly string[];
  readonly keyPrefix: string;
  /** The plan of whoever signs up; null = each chooses one. */
  readonly defaultPlan: string | null;
  /** Whether admins may make and change plans: it needs more rights in AWS. */
  readonly managePlans: boolean;
  /** What all processes share; it may hold a password. Null = each keeps to its share. */
  readonly redisUrl: string | null;
  /** How many processes share the account's rates. */
  readonly processCount: number;
  /** Multiplies every rate at which AWS is asked. */
  readonly awsRateFactor: number;
  /** How often this process sweeps; 0 = never. */
  readonly sweepIntervalSeconds: number;
  readonly usageLagSeconds: number;
  /** How many users the index keeps; those with a plan, a key, or calls of the last 33 days in their books it keeps always. */
  readonly indexMaxUsers: number;
  /** How often each caller may ask; 0 = as often as they like. */
  readonly limits: {
    readonly mutationsPerMinute: number;
    readonly adminMutationsPerMinute: number;
    readonly rotationsPerHour: number;
    readonly rotationsPerDay: number;
    readonly planChangesPerDay: number;
    readonly anonymousPerMinute: number;
  };
  /** Where audit events are kept beside the log, this process's own; null = nowhere but in memory. */
  readonly auditFile: AuditFileSettings | null;
  /** How long this process still serves when it is told to end. */
  readonly drainSeconds: number;
  /** Names of what the pre-flight may find and start all the same. */
  readonly allowUnsafe: readonly string[];
  readonly portal: PortalSettings;
  /** Where spans of requests are sent; null = nowhere. */
  readonly traces: TraceSettings | null;

  private constructor(env: z.output<typeof environment>) {
    this.isOnLambda = env.AWS_LAMBDA_FUNCTION_NAME !== undefined;
    this.port = env.PORT;
    this.host = env.HOST;
    this.trustProxy = env.TRUST_PROXY || null;
    this.metricsPort = env.METRICS_PORT ?? null;
    this.logLevel = env.LOG_LEVEL;
    this.corsOrigins = env.CORS_ORIGINS;
    this.graphiql = env.GRAPHIQL;
    this.introspection = env.INTROSPECTION;
    this.region = env.AWS_REGION;
    this.userPoolId = env.COGNITO_USER_POOL_ID;
    this.clientIds = env.COGNITO_CLIENT_ID;
    this.tokenUse = env.COGNITO_TOKEN_USE;
    this.adminGroup = env.COGNITO_ADMIN_GROUP;
    this.jwksOrigin = env.COGNITO_JWKS_ORIGIN ?? null;
    this.hostedUi = env.COGNITO_DOMAIN ?? null;
    this.keySecrets = env.KEY_SECRET;
    this.kmsKeyIds = env.KEY_KMS_KEY_ID;
    this.keyPrefix = env.KEY_PREFIX;
    this.defaultPlan = env.DEFAULT_PLAN ?? null;
    this.managePlans = env.MANAGE_PLANS === 'true';
    this.redisUrl = env.REDIS_URL ?? null;
    this.processCount = env.PROCESS_COUNT;
    this.awsRateFactor = env.AWS_RATE_FACTOR;
    this.sweepIntervalSeconds = this.isOnLambda ? 0 : env.SWEEP_INTERVAL_SECONDS;
    this.usageLagSeconds = env.USAGE_LAG_SECONDS;
    this.indexMaxUsers = env.INDEX_MAX_USERS;
    this.limits = {
      mutationsPerMinute: env.LIMIT_MUTATIONS_PER_MINUTE,
      adminMutationsPerMinute: env.LIMIT_ADMIN_MUTATIONS_PER_MINUTE,
      rotationsPerHour: env.LIMIT_ROTATIONS_PER_HOUR,
      rotationsPerDay: env.LIMIT_ROTATIONS_PER_DAY,
      planChangesPerDay: env.LIMIT_PLAN_CHANGES_PER_DAY,
      anonymousPerMinute: env.LIMIT_ANONYMOUS_PER_MINUTE,
    };
    const limits = { maxBytes: env.AUDIT_FILE_MAX_BYTES, keep: env.AUDIT_FILE_KEEP };
    this.auditFile = env.AUDIT_FILE === undefined ? null : { path: env.AUDIT_FILE, ...limits };
    this.drainSeconds = env.DRAIN_SECONDS;
    this.allowUnsafe = env.ALLOW_UNSAFE;
    this.portal = portalSettings(env);
    this.traces = traceSettings(env);
  }

  /** @throws ConfigError naming every missing or bad variable at once; values are never part of it. */
  static read(env: Readonly<Record<string, string | undefined>> = process.env): Config {
    const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
    const result = environment.safeParse(given);
    const ownMistakes = result.success
      ? productionMistakes(result.data)
      : result.error.issues.map(({ path, message }) => `${path[0]?.toString() ?? ''} ${message}`);
    const mistakes = [...ownMistakes, ...secretMistakes(given)];
    if (!result.success || mistakes.length > 0) throw new ConfigError(mistakes);
    return new Config(result.data);
  }
}

/** Where no variable is wrong by itself, but one is wanting. */
function secretMistakes({ KEY_SECRET, KEY_KMS_KEY_ID }: Readonly<Record<string, string | undefined>>): string[] {
  if (KEY_SECRET !== undefined || KEY_KMS_KEY_ID !== undefined) return [];
  const how = `${SECRET_BYTES} random bytes or more, for example from "openssl rand -base64 48"`;
  return [`KEY_SECRET is missing: ${how}; or KEY_KMS_KEY_ID, an HMAC_256 key in KMS`];
}

/** The handler that AWS Lambda started this process for, such as `http`; null elsewhere. */
export function lambdaHandler(env: Readonly<Record<string, string | undefined>> = process.env): string | null {
  return env._HANDLER?.split('.').at(-1) ?? null;
}

function productionMistakes({ NODE_ENV, COGNITO_JWKS_ORIGIN }: z.output<typeof environment>): string[] {
  const redirected = COGNITO_JWKS_ORIGIN !== undefined && !LOOPBACK.test(new URL(COGNITO_JWKS_ORIGIN).hostname);
  return NODE_ENV === 'production' && redirected
    ? [
        'COGNITO_JWKS_ORIGIN must not be set in production (only a loopback address is accepted): it decides whose tokens are trusted',
      ]
    : [];
}

export class ConfigError extends Error {
  constructor(readonly mistakes: readonly string[]) {
    super(`Turnpike cannot start:\n${mistakes.map((mistake) => `  ${mistake}`).join('\n')}`);
  }
}

@Module({})
class ConfigModule {}

/** Gives every room the one configuration. */
export function configModule(config: Config): DynamicModule {
  return {
    module: ConfigModule,
    global: true,
    providers: [{ provide: Config, useValue: config }],
    exports: [Config],
  };
}
