import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MetricsServer } from '../../src/operation/metrics-server.service.js';
import { World } from '../support/world.js';

describe('the metrics', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ METRICS_PORT: '0' });
  });
  afterAll(() => world.close());

  const inside = () => `http://127.0.0.1:${world.app.get(MetricsServer).port}`;

  it('are served on a port of their own, and count what was asked of AWS', async () => {
    const ada = await world.customer();
    await ada.subscribe('free');
    const reply = await fetch(`${inside()}/metrics`);
    expect(reply.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const text = await reply.text();
    expect(text).toContain('turnpike_aws_calls_total{operation="CreateUsagePlanKey",outcome="ok"} 1');
    expect(text).toMatch(/^turnpike_http_request_seconds_count\{route="\/graphql",status="200"\} [1-9]/m);
    expect(text).toContain('turnpike_aws_breaker{service="cognito"} 0');
    expect(text).toMatch(/^process_resident_memory_bytes \d+$/m);
    expect(text).not.toContain(ada.sub);
  });

  it('are not to be had on the public port, nor is anything else on theirs', async () => {
    expect((await fetch(`${world.url}/metrics`)).status).toBe(404);
    expect((await fetch(`${inside()}/graphql`)).status).toBe(404);
    expect((await fetch(`${inside()}/metrics`, { method: 'POST' })).status).toBe(404);
  });

  it('are served nowhere unless an operator says where', async () => {
    const silent = await World.start();
    expect(silent.app.get(MetricsServer).port).toBeNull();
    await silent.close();
  });
});
