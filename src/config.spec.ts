import { describe, expect, it } from '@jest/globals';
import { Config, ConfigError } from './config.js';

const SECRET = 'a-secret-that-is-long-enough-0123456789';

const GOOD = {
  AWS_REGION: 'eu-west-1',
  COGNITO_USER_POOL_ID: 'eu-west-1_AbCdEf123',
  COGNITO_CLIENT_ID: 'client1',
  KEY_SECRET: SECRET,
};

function mistakesIn(env: Record<string, string | undefined>): readonly string[] {
  try {
    Config.read(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes;
    throw error;
  }
}

const namesIn = (env: Record<string, string | undefined>) => mistakesIn(env).map((mistake) => mistake.split(' ')[0]);

describe('the configuration', () => {
  it('needs four variables, and has safe answers for all others', () => {
    expect(Config.read(GOOD)).toMatchObject({
      port: 3000,
      host: '127.0.0.1',
      corsOrigins: [],
      graphiql: 'off',
      introspection: 'admin',
      region: 'eu-west-1',
      userPoolId: 'eu-west-1_AbCdEf123',
      clientIds: ['client1'],
      tokenUse: 'access',
      adminGroup: 'admin',
      jwksOrigin: null,
      keySecrets: [SECRET],
      keyPrefix: 'turnpike',
      auditFile: null,
      metricsPort: null,
      traces: null,
      hostedUi: null,
      portal: { isServed: true, apiUrl: null, apiTryPath: '/', apiToken: 'id', brandingFile: null },
      managePlans: false,
      redisUrl: null,
      processCount: 1,
      awsRateFactor: 1,
      usageLagSeconds: 3600,
      trustProxy: null,
      limits: {
        mutationsPerMinute: 10,
        adminMutationsPerMinute: 60,
        rotationsPerHour: 5,
        rotationsPerDay: 20,
        planChangesPerDay: 5,
        anonymousPerMinute: 600,
      },
    });
  });

  it('names all that is missing at once', () => {
    expect(namesIn({})).toEqual(['AWS_REGION', 'COGNITO_USER_POOL_ID', 'COGNITO_CLIENT_ID', 'KEY_SECRET']);
  });

  const BAD = {
    PORT: '70000',
    LOG_LEVEL: 'loud',
    CORS_ORIGINS: 'https://a.example,https://b.example/path',
    GRAPHIQL: 'yes',
    INTROSPECTION: 'maybe',
    AWS_REGION: 'here',
    COGNITO_USER_POOL_ID: 'local_pool',
    COGNITO_CLIENT_ID: ' , ',
    COGNITO_TOKEN_USE: 'refresh',
    COGNITO_JWKS_ORIGIN: 'http://127.0.0.1:4510/keys',
    KEY_SECRET: `${SECRET},too-short-to-be-secret`,
    KEY_PREFIX: 'Has.Dots',
    USAGE_LAG_SECONDS: '-1',
    METRICS_PORT: 'ninety',
    REDIS_URL: 'http://someone:a-password@redis.internal:6379',
    MANAGE_PLANS: 'yes',
    PROCESS_COUNT: '0',
    AWS_RATE_FACTOR: '0.0',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://someone:another-password@collector:4318',
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization Bearer-of-bad-news',
    PORTAL: 'perhaps',
    API_URL: 'https://someone:a-third-password@api.example.com',
    API_TRY_PATH: 'no-slash-before-it',
    API_TOKEN: 'refreshed',
  };

  it('names every bad variable at once, and no other', () => {
    expect(namesIn(BAD).sort()).toEqual(Object.keys(BAD).sort());
  });

  it('never prints a value, good or bad', () => {
    const { message } = new ConfigError(mistakesIn(BAD));
    for (const value of Object.values(BAD).flatMap((text) => text.split(','))) {
      if (value.trim().length > 3) expect(message).not.toContain(value);
    }
  });

  it('says how to mend each of them', () => {
    for (const mistake of [...mistakesIn(BAD), ...mistakesIn({})]) expect(mistake).toMatch(/ (must|is missing)/);
  });

  it.each(['', undefined])('takes %j for "not given"', (value) => {
    expect(namesIn({ ...GOOD, KEY_SECRET: value })).toEqual(['KEY_SECRET']);
    expect(Config.read({ ...GOOD, PORT: value }).port).toBe(3000);
  });

  it.each([
    ['PORT', '3000.5'],
    ['PORT', '0x50'],
    ['PORT', ' 80'],
    ['PORT', '65536'],
    ['USAGE_LAG_SECONDS', '1e3'],
    ['TRUST_PROXY', 'true'],
    ['TRUST_PROXY', '1,2'],
    ['TRUST_PROXY', 'proxy.example.com'],
    ['TRUST_PROXY', '10.0.0.0/33'],
    ['TRUST_PROXY', '10.0.0/8'],
    ['LIMIT_MUTATIONS_PER_MINUTE', '-1'],
    ['LIMIT_ROTATIONS_PER_HOUR', 'none'],
    ['LIMIT_PLAN_CHANGES_PER_DAY', '-1'],
    ['USAGE_LAG_SECONDS', '86401'],
    ['AUDIT_FILE_MAX_BYTES', '9999'],
    ['AUDIT_FILE_KEEP', '0'],
    ['AWS_REGION', 'us-east-1 '],
    ['COGNITO_USER_POOL_ID', 'us-east-1_'],
    ['COGNITO_USER_POOL_ID', 'us-east-1_a.b'],
    ['METRICS_PORT', '70000'],
    ['REDIS_URL', 'localhost:6379'],
    ['REDIS_URL', 'redis://'],
    ['PROCESS_COUNT', '1.5'],
    ['AWS_RATE_FACTOR', '0'],
    ['AWS_RATE_FACTOR', '-1'],
    ['AWS_RATE_FACTOR', '1e3'],
    ['KEY_PREFIX', 'a'.repeat(21)],
    ['KEY_PREFIX', 'a_b'],
    ['CORS_ORIGINS', '*'],
    ['CORS_ORIGINS', 'https://a.example/'],
    ['CORS_ORIGINS', 'a.example'],
    ['KEY_SECRET', 'x'.repeat(31)],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://collector:4318/?token=x'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'a=b,'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'a=%E0'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'a=b%0D%0Ac'],
  ])('refuses %s=%j', (name, value) => expect(namesIn({ ...GOOD, [name]: value })).toEqual([name]));

  it('takes the variables of OpenTelemetry as they are meant everywhere', () => {
    const traces = (more: Record<string, string>) =>
      Config.read({ ...GOOD, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', ...more }).traces;
    expect(traces({})).toEqual({ url: 'http://collector:4318/v1/traces', headers: {}, serviceName: 'turnpike' });
    expect(traces({ OTEL_EXPORTER_OTLP_HEADERS: 'api-key=a%20b, x=1=2', OTEL_SERVICE_NAME: 'portal' })).toMatchObject({
      headers: { 'api-key': 'a b', x: '1=2' },
      serviceName: 'portal',
    });
    expect(Config.read({ ...GOOD, OTEL_SERVICE_NAME: 'portal' }).traces).toBeNull();
  });

  it('takes lists with commas and spaces between', () => {
    const config = Config.read({
      ...GOOD,
      COGNITO_CLIENT_ID: 'one, two',
      CORS_ORIGINS: 'https://a.example, http://localhost:5173',
      KEY_SECRET: `${SECRET}-new, ${SECRET}-old`,
    });
    expect(config.clientIds).toEqual(['one', 'two']);
    expect(config.corsOrigins).toEqual(['https://a.example', 'http://localhost:5173']);
    expect(config.keySecrets).toEqual([`${SECRET}-new`, `${SECRET}-old`]);
  });

  it('takes the address of a Redis, with a password and encrypted or not', () => {
    for (const REDIS_URL of ['redis://127.0.0.1:6379', 'rediss://user:secret@redis.example.com:6380/2']) {
      expect(Config.read({ ...GOOD, REDIS_URL }).redisUrl).toBe(REDIS_URL);
    }
  });

  it('takes a file for the audit trail, and keeps a gigabyte of it unless told otherwise', () => {
    const { auditFile } = Config.read({ ...GOOD, AUDIT_FILE: '/var/log/audit.jsonl' });
    expect(auditFile).toEqual({ path: '/var/log/audit.jsonl', maxBytes: 50_000_000, keep: 20 });
    const small = { AUDIT_FILE: 'audit.jsonl', AUDIT_FILE_MAX_BYTES: '10000', AUDIT_FILE_KEEP: '1' };
    expect(Config.read({ ...GOOD, ...small }).auditFile).toEqual({ path: 'audit.jsonl', maxBytes: 10_000, keep: 1 });
  });

  it('takes a fraction of the rates, or a multiple', () => {
    expect(['0.5', '1000'].map((AWS_RATE_FACTOR) => Config.read({ ...GOOD, AWS_RATE_FACTOR }).awsRateFactor)).toEqual([
      0.5, 1000,
    ]);
  });

  it('counts the bytes of a secret, not its letters', () => {
    expect(namesIn({ ...GOOD, KEY_SECRET: 'é'.repeat(16) })).toEqual([]);
  });

  describe('in production', () => {
    const production = { ...GOOD, NODE_ENV: 'production' };

    it.each([
      'https://keys.example.com',
      'http://10.0.0.5:4510',
      'http://127.0.0.1.example.com',
      'http://localhost.evil.com',
    ])('does not take the public keys from %s', (origin) =>
      expect(namesIn({ ...production, COGNITO_JWKS_ORIGIN: origin })).toEqual(['COGNITO_JWKS_ORIGIN']),
    );

    it.each(['http://127.0.0.1:4510', 'http://localhost:4510', 'http://[::1]:4510'])(
      'takes them from this machine: %s',
      (origin) => expect(Config.read({ ...production, COGNITO_JWKS_ORIGIN: origin }).jwksOrigin).toBe(origin),
    );
  });

  it.each<[string, unknown]>([
    ['1', 1],
    ['0', null],
    ['10.0.0.0/8', ['10.0.0.0/8']],
    ['loopback, 192.0.2.7 ,2001:db8::/32', ['loopback', '192.0.2.7', '2001:db8::/32']],
  ])('knows which proxies to trust: TRUST_PROXY=%s', (text, trustProxy) => {
    expect(Config.read({ ...GOOD, TRUST_PROXY: text }).trustProxy).toEqual(trustProxy);
  });
});
