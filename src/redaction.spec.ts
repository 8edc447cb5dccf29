import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { createLogger, failureText } from './log.js';
import { Redaction } from './redaction.js';

const KEY_SECRET = 'say "when"\\ and\tthen go on for long enough';
const JWT = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl-_x';
const KEY = `aB3${'x7Q'.repeat(13)}`;
const SECRETS = [KEY_SECRET, JWT, KEY, 'opaque.token~1', 'redis-password'];

const redisUrl = 'redis://user:redis-password@localhost:6379';
const told = { logLevel: 'log', keySecrets: [KEY_SECRET], redisUrl } as const;

describe('the log', () => {
  const written: string[] = [];
  afterEach(() => {
    jest.restoreAllMocks();
    written.length = 0;
  });

  function lines(log: (logger: ReturnType<typeof createLogger>) => void): Record<string, unknown>[] {
    const keep = (text: unknown) => written.push(String(text)) > 0;
    jest.spyOn(process.stdout, 'write').mockImplementation(keep);
    jest.spyOn(process.stderr, 'write').mockImplementation(keep);
    log(createLogger(told));
    jest.restoreAllMocks();
    return written.map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  const everything = `before\n${KEY_SECRET}\n${JWT}\t${KEY} authorization: Bearer opaque.token~1 at redis-password after`;

  it.each([
    ['a message', everything],
    ['an object', { deep: [{ deeper: { text: everything } }] }],
    ['the names of members', { [everything]: 1 }],
    ['an error', new Error(everything)],
    ['a cause of a cause', new Error('outer', { cause: new Error('inner', { cause: new Error(everything) }) })],
    ['what hangs on an error', Object.assign(new Error('outer'), { body: everything })],
  ])('holds no secret out of %s, and stays JSON', (_, message) => {
    const found = lines((logger) => {
      logger.log(message);
      logger.error(message, 'Context');
    });
    expect(found).toHaveLength(2);
    for (const secret of SECRETS) {
      expect(written.join('')).not.toContain(secret);
      expect(written.join('')).not.toContain(JSON.stringify(secret).slice(1, -1));
    }
    expect(written.join('')).toMatch(/before.*\[removed\].*after/);
  });

  it('keeps what is no secret: ids, codes, the last four', () => {
    const said = {
      keyId: 'a1b2c3d4e5',
      sub: '0d1f0c52-7c0a-4a0e-9d6d-6f4f1f1d2c3b',
      lastFour: KEY.slice(-4),
      path: 'C:\\n',
    };
    expect(lines((logger) => logger.log(said))[0]?.message).toEqual(said);
  });

  it('costs little on a long line', () => {
    const json = JSON.stringify({ text: 'a line of words and \\ escapes "quoted" '.repeat(5000) });
    const redaction = new Redaction([KEY_SECRET]);
    const start = performance.now();
    expect(redaction.ofJson(json)).toBe(json);
    expect(performance.now() - start).toBeLessThan(500);
  });
});

describe('why a command ended', () => {
  it('is said without what has the form of a secret, causes included', () => {
    const text = failureText(new Error(`Bearer x.y ${JWT}`, { cause: new Error(KEY) }));
    for (const secret of [JWT, KEY, 'x.y']) expect(text).not.toContain(secret);
    expect(text).toMatch(/\[removed\][\s\S]*\[removed\]/);
  });
});
