import { describe, expect, it } from '@jest/globals';
import { Config } from '../../src/config.js';
import { currentTrace, RequestTrace, traced } from '../../src/request-trace.js';
import { governorFor } from '../support/governor.js';
import { environment } from '../support/world.js';

const MORE_THAN_CONNECTIONS = 60;

describe('a call to AWS', () => {
  it('is made for the request that asked for it, whoever’s end let it go ahead', async () => {
    const governor = governorFor(Config.read(environment('http://127.0.0.1:1')));
    const madeFor: (string | undefined)[] = [];
    const ask = (name: string) =>
      traced(new RequestTrace(name), () =>
        governor.run('AdminGetUser', async () => {
          await new Promise((resolve) => setImmediate(resolve));
          madeFor.push(currentTrace()?.correlationId);
        }),
      );
    const names = Array.from({ length: MORE_THAN_CONNECTIONS }, (_, n) => `request-${n}`);
    await Promise.all(names.map(ask));
    expect(new Set(madeFor)).toEqual(new Set(names));
  });
});
