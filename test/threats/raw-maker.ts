import { pick, upTo } from '../faults/seeded.js';

/** What goes over a socket, and what is to be said of it when something comes of it. */
export interface MadeBytes {
  readonly kind: string;
  readonly bytes: Buffer;
}

type Choices<T> = readonly [T, ...T[]];

const QUERY = JSON.stringify({ query: '{ plans { code } }' });
const LINES: Choices<string> = [
  'GARBAGE',
  'POST /graphql',
  'POST /graphql HTTP/9.9',
  'POST  /graphql  HTTP/1.1',
  'post /graphql HTTP/1.1',
  'PRI * HTTP/2.0',
  'CONNECT 127.0.0.1:22 HTTP/1.1',
  'TRACE /graphql HTTP/1.1',
  'OPTIONS * HTTP/1.1',
  'GET http://169.254.169.254/latest/meta-data/ HTTP/1.1',
  'GET /%ff HTTP/1.1',
  'GET /graphql/..;/admin/usage.csv HTTP/1.1',
  'GET //admin//usage.csv HTTP/1.1',
  'GET /admin/usage.csv?plan[]=x&plan[]=y&from=%00&to=-1 HTTP/1.1',
  'GET /admin/usage.csv?plan=free&from=2026-11-31&to=0000-00-00 HTTP/1.1',
  'GET /graphiql/../../../package.json HTTP/1.1',
  'GET /graphiql/%2e%2e%2fpackage.json HTTP/1.1',
  'GET /graphql?query={plans{code}}&query=x HTTP/1.1',
  'PATCH /readyz HTTP/1.1',
  'GET /\u0000 HTTP/1.1',
  `GET /${'a'.repeat(20_000)} HTTP/1.1`,
  'HEAD /graphql HTTP/1.0',
];
const HEADERS: Choices<string> = [
  'no colon here',
  ': no name',
  'x-null: a\u0000b',
  'x-folded: a\r\n b',
  '__proto__: x',
  'constructor: x',
  'host:',
  'host: a\r\nhost: b',
  'accept: application/graphql-response+json',
  'accept: */*;q=nothing',
  'authorization: Bearer',
  'authorization: Bearer a.b.c',
  'authorization: Bearer x\r\nauthorization: Bearer y',
  `authorization: Bearer ${'.'.repeat(4000)}`,
  'x-forwarded-for: ::ffff:1.2.3.4, unknown, 999.1.1.1',
  'forwarded: for="[::1"',
  'expect: 100-continue',
  'expect: nothing',
  'upgrade: websocket\r\nconnection: upgrade',
  'upgrade: h2c\r\nconnection: upgrade, http2-settings',
  'content-encoding: gzip',
  'cookie: a=b; ; =; \u0001',
  `x-long: ${'y'.repeat(17_000)}`,
  'user-agent: \u00ff\u00fe $(x) {{x}} \u202e',
  'x-correlation-id: mine',
];
const TYPES: Choices<string> = [
  'application/json',
  'application/json; charset=utf-16',
  'application/json; charset="',
  'application/graphql',
  'APPLICATION/JSON',
  'application/json, text/plain',
  'text/plain',
  '',
];
const LENGTHS: Choices<string> = [
  'content-length: -1',
  'content-length: 1000000000',
  'content-length: 99999999999999999999999',
  'content-length: 5, 6',
  'content-length: 5\r\ncontent-length: 6',
  'content-length: 0x10',
  'content-length: +5',
  'content-length: 1e3',
  'content-length:',
  'transfer-encoding: chunked\r\ncontent-length: 5',
  'transfer-encoding: chunked, chunked',
  'transfer-encoding: xchunked',
  'transfer-encoding: gzip, chunked',
];
const CHUNKS: Choices<string> = [
  '-1\r\nabc\r\n0\r\n\r\n',
  'ffffffffffffffffff\r\nabc\r\n',
  'zz\r\nabc\r\n0\r\n\r\n',
  '3\r\nabcdef\r\n0\r\n\r\n',
  `3;${'e'.repeat(20_000)}=1\r\nabc\r\n0\r\n\r\n`,
  `${QUERY.length.toString(16)}\r\n${QUERY}\r\n0\r\ncontent-length: 9\r\nx: y\r\n\r\n`,
  `20000\r\n${' '.repeat(0x20000)}\r\n0\r\n\r\n`,
  '0\r\n\r\n',
];
const BODIES: Choices<Buffer> = [
  Buffer.from([0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]),
  Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0xf0, 0x9f, 0x7d]),
  Buffer.concat([
    Buffer.from('{"query":"{ plans { code } } #'),
    Buffer.from([0xc0, 0x80, 0xed, 0xa0, 0x80]),
    Buffer.from('"}'),
  ]),
  Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(QUERY)]),
  Buffer.from(QUERY, 'utf16le'),
  ...[
    'null',
    '1',
    '"x"',
    '[]',
    '{}',
    '{"query":null}',
    '{"query":{"toString":"x"}}',
    '{"query":"{ plans { code } }","variables":[1]}',
    '{"query":"{ plans { code } }","variables":"{}"}',
    '{"query":"{ plans { code } }","operationName":5}',
    '{"query":"{ plans { code } }","operationName":"__proto__"}',
    '{"query":"{ plans { code } }","extensions":{"persistedQuery":{"version":1,"sha256Hash":"x"}}}',
    '{"__proto__":{"query":"{ plans { code } }"}}',
    '{"constructor":{"prototype":{"x":1}},"query":"{ plans { code } }"}',
    '{"query":"\\u0000\\ud800"}',
    '['.repeat(50_000),
    `{"query":"{ plans { code } }","variables":${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}}`,
    ' '.repeat(120_000),
  ].map((text) => Buffer.from(text)),
];

/** Requests below GraphQL, by chance: what is no HTTP, nearly HTTP, or HTTP that says one thing and does another. */
export class RawMaker {
  /** `tokens` are those of callers who may be asked for. */
  constructor(
    private readonly chance: () => number,
    private readonly tokens: readonly string[],
  ) {}

  make(): MadeBytes {
    const kinds: Choices<() => MadeBytes> = [
      () => this.made('request line', `${pick(this.chance, LINES)}\r\n${this.headers(2)}\r\n\r\n`),
      () =>
        this.made(
          'noise',
          Buffer.from(Array.from({ length: upTo(this.chance, 2000) }, () => upTo(this.chance, 256) - 1)),
        ),
      () => this.made('headers', this.post(this.headers(6), Buffer.from(QUERY))),
      () =>
        this.made('header flood', this.post(`${'x: y\r\n'.repeat(upTo(this.chance, 4000))}x: y`, Buffer.from(QUERY))),
      () => this.made('length', `${head(this.type())}\r\n${pick(this.chance, LENGTHS)}\r\n\r\n${QUERY}`),
      () =>
        this.made('chunks', `${head(this.type())}\r\ntransfer-encoding: chunked\r\n\r\n${pick(this.chance, CHUNKS)}`),
      () => this.made('body', this.post('x: y', pick(this.chance, BODIES))),
      () => this.pipeline(),
      () => this.cut(),
    ];
    return pick(this.chance, kinds)();
  }

  private pipeline(): MadeBytes {
    const parts = Array.from({ length: upTo(this.chance, 20) + 1 }, () =>
      this.chance() < 0.8
        ? this.post('x: y', Buffer.from(QUERY))
        : this.post(this.headers(2), pick(this.chance, BODIES)),
    );
    return this.made('pipelining', Buffer.concat(parts));
  }

  private cut(): MadeBytes {
    const whole = this.post(this.headers(1), Buffer.from(QUERY));
    return this.made('cut off', whole.subarray(0, upTo(this.chance, whole.length)));
  }

  private post(headers: string, body: Buffer): Buffer {
    return Buffer.concat([
      Buffer.from(`${head(this.type())}\r\n${headers}\r\ncontent-length: ${body.length}\r\n\r\n`, 'latin1'),
      body,
    ]);
  }

  private headers(most: number): string {
    const token =
      this.tokens.length > 0 && this.chance() < 0.3 ? this.tokens[upTo(this.chance, this.tokens.length) - 1] : null;
    const made = Array.from({ length: upTo(this.chance, most) }, () => pick(this.chance, HEADERS));
    return ['host: x', ...made, ...(token ? [`authorization: Bearer ${token}`] : [])].join('\r\n');
  }

  private type(): string {
    return this.chance() < 0.6 ? 'application/json' : pick(this.chance, TYPES);
  }

  private made(kind: string, bytes: Buffer | string): MadeBytes {
    return { kind, bytes: typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes };
  }
}

function head(type: string): string {
  return `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: ${type}`;
}
