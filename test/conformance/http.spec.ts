import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { listen } from '../../src/sandbox/http.js';
import { World } from '../support/world.js';

describe('the sandbox, told what HTTP does not allow', () => {
  beforeAll(() => {
    jest.spyOn(console, 'error').mockImplementation(() => {});
  });
  afterAll(() => {
    jest.restoreAllMocks();
  });

  it('answers 500 to a header or a status that somebody configured, and goes on', async () => {
    const replies = [{ status: 200, headers: { 'x-price': '10 €' } }, { status: Number.NaN }, { status: 200 }];
    const { port, close } = await listen(0, async () => replies.shift() ?? { status: 404 });
    const statuses: number[] = [];
    for (let n = 0; n < 4; n++) statuses.push((await fetch(`http://127.0.0.1:${port}/`)).status);
    await close();
    expect(statuses).toEqual([500, 500, 200, 404]);
  });

  it('answers 400 to an address that is none', async () => {
    const { port, close } = await listen(0, async () => ({ status: 200 }));
    const statusOf = (path: string, host: string) =>
      new Promise((resolve) => {
        const asked = request({ port, host: '127.0.0.1', path, headers: { host } }, (reply) => {
          resolve(reply.resume().statusCode);
        });
        asked.end();
      });
    expect([await statusOf('//', 'a'), await statusOf('/', 'a:b:c'), await statusOf('/', 'a')]).toEqual([
      400, 400, 200,
    ]);
    await close();
  });

  it('refuses requests of a wrong shape as AWS does, by 4xx: an SDK would repeat a 500', async () => {
    const world = await World.start();
    const { url } = world.sandbox;
    const plan = world.sandbox.info().plans[0]?.usagePlanId;
    const authorization = 'AWS4-HMAC-SHA256 Credential=a/20261127/us-east-1/apigateway/aws4_request';
    const headers = { 'content-type': 'application/json', authorization };
    const asked = [
      ['PATCH', `/usageplans/${plan}`, { patchOperations: [null] }],
      ['PATCH', `/usageplans/${plan}`, { patchOperations: [stageThrottle('{"/pets/GET":null}')] }],
      ['POST', '/usageplans', { name: 'x', apiStages: [null] }],
      [
        'POST',
        '/usageplans',
        { name: 'x', apiStages: [{ apiId: world.sandbox.info().restApiId, stage: 'constructor' }] },
      ],
      ['PATCH', `/restapis/${world.sandbox.info().restApiId}/gatewayresponses/DEFAULT_4XX`, badStatus()],
    ] as const;
    for (const [method, path, body] of asked) {
      const { status } = await fetch(`${url}${path}`, { method, headers, body: JSON.stringify(body) });
      expect([path, JSON.stringify(body), status >= 400 && status < 500]).toEqual([path, JSON.stringify(body), true]);
    }
    await world.close();

    function stageThrottle(value: string) {
      return { op: 'replace', path: `/apiStages/${world.sandbox.info().restApiId}:v1/throttle`, value };
    }
    function badStatus() {
      return { patchOperations: [{ op: 'replace', path: '/statusCode', value: '4O3' }] };
    }
  });
});
