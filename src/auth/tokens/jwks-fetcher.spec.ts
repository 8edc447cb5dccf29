import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Clock } from '../../clock.js';
import type { download } from './download.js';
import { JwksFetcher } from './jwks-fetcher.js';

const KEYS = 'https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Abc/.well-known/jwks.json';

class TestClock extends Clock {
  milliseconds = 0;

  override now(): Date {
    return new Date(this.milliseconds);
  }
}

describe('fetching the public keys', () => {
  const clock = new TestClock();
  const web = jest.fn<typeof download>();
  let isDown = false;
  const fetcherFrom = (origin: string | null) => new JwksFetcher(origin, clock, () => {}, web);

  beforeEach(() => {
    isDown = false;
    web.mockReset().mockImplementation(async () => {
      if (isDown) throw new Error('HTTP 503');
      return new ArrayBuffer(0);
    });
  });

  const outcomeOf = (fetcher: JwksFetcher) =>
    fetcher.fetch(KEYS).then(
      () => 'keys',
      (error: unknown) => String(error),
    );

  it('asks AWS, or keeps the path and asks the origin that stands in for it', async () => {
    await outcomeOf(fetcherFrom(null));
    await outcomeOf(fetcherFrom('http://127.0.0.1:4510'));
    expect(web.mock.calls.map(([url]) => String(url))).toEqual([
      KEYS,
      'http://127.0.0.1:4510/us-east-1_Abc/.well-known/jwks.json',
    ]);
  });

  it('waits 1, 2, 4 … 30 seconds after failures, without asking, and says so', async () => {
    const fetcher = fetcherFrom(null);
    isDown = true;
    for (const seconds of [1, 2, 4, 8, 16, 30, 30]) {
      web.mockClear();
      expect(await outcomeOf(fetcher)).toContain('HTTP 503');
      clock.milliseconds += seconds * 1000 - 1;
      expect(await outcomeOf(fetcher)).toContain('just now');
      expect(web).toHaveBeenCalledTimes(1);
      clock.milliseconds += 1;
    }
  });

  it('asks at once again after a success', async () => {
    const fetcher = fetcherFrom(null);
    isDown = true;
    await outcomeOf(fetcher);
    clock.milliseconds += 1000;
    isDown = false;
    expect(await outcomeOf(fetcher)).toBe('keys');
    clock.milliseconds += 5000;
    isDown = true;
    await outcomeOf(fetcher);
    clock.milliseconds += 1000;
    isDown = false;
    expect(await outcomeOf(fetcher)).toBe('keys');
  });

  it('answers what it fetched for five seconds, then asks again', async () => {
    const fetcher = fetcherFrom(null);
    for (let i = 0; i < 10; i++) await outcomeOf(fetcher);
    clock.milliseconds += 4999;
    await outcomeOf(fetcher);
    expect(web).toHaveBeenCalledTimes(1);
    clock.milliseconds += 1;
    await outcomeOf(fetcher);
    expect(web).toHaveBeenCalledTimes(2);
  });
});
