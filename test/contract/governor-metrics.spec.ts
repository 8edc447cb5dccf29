import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MetricsServer } from '../../src/operation/metrics-server.service.js';
import { Sweeper } from '../../src/subscriptions/sweep/sweeper.service.js';
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

  const scraped = async () => (await fetch(`${inside()}/metrics`)).text();

  /** How much a series grew while that happened; one that is not there yet counts as 0. */
  async function growth(series: string, work: () => Promise<unknown>): Promise<number> {
    const valueIn = (text: string) =>
      Number(
        text
          .split('\n')
          .find((line) => line.startsWith(`${series} `))
          ?.split(' ')[1],
      );
    const before = valueIn(await scraped()) || 0;
    await work();
    return valueIn(await scraped()) - before;
  }

  it('tell what came of bringing customers to where they are meant to be', async () => {
    const ada = await world.customer();
    const reached = (outcome: string) => `turnpike_reconcile_seconds_count{outcome="${outcome}"}`;
    expect(await growth(reached('ACTIVE'), () => ada.subscribe('free'))).toBe(1);
    expect(await growth(reached('NO_SUBSCRIPTION'), () => ada.cancel())).toBe(1);
    world.sandbox.habits.addFault({ operation: 'CreateUsagePlanKey', kind: 'throttle', calls: 100 });
    expect(await growth(reached('UNFINISHED'), () => ada.subscribe('free'))).toBe(1);
    world.sandbox.habits.clearFaults();
  });

  it('do not count what a sweep only rehearses', async () => {
    await (await world.customer()).subscribe('free');
    const { app } = world;
    expect(
      await growth('turnpike_reconcile_seconds_count{outcome="ACTIVE"}', () =>
        app.get(Sweeper, { strict: false }).sweep({ isDryRun: true }),
      ),
    ).toBe(0);
    expect(await scraped()).toMatch(/^turnpike_keys [1-9]/m);
  });

  it('count operations by names of the schema only, and by what came of them', async () => {
    const ada = await world.customer();
    const series = (field: string, outcome: string) =>
      `turnpike_graphql_operations_total{field="${field}",outcome="${outcome}"}`;
    expect(await growth(series('me', 'ok'), () => ada.gql('{ a: me { id } b: me { id } }'))).toBe(1);
    expect(await growth(series('me', 'UNAUTHENTICATED'), () => world.stranger.gql('{ me { id } }'))).toBe(1);
    expect(await growth(series('subscribe', 'UnknownPlan'), () => ada.subscribe('nonesuch'))).toBe(1);
    const wrong = series('invalid', 'GRAPHQL_VALIDATION_FAILED');
    expect(await growth(wrong, () => ada.gql('{ a_name_of_my_own }'))).toBe(1);
    expect(await growth(series('invalid', 'GRAPHQL_PARSE_FAILED'), () => ada.gql('{ me '))).toBe(1);
    expect(await scraped()).not.toContain('a_name_of_my_own');
  });

  it('tell what is answered without asking AWS', async () => {
    const ada = await world.customer();
    const customers = (outcome: string) => `turnpike_cache_reads_total{cache="customers",outcome="${outcome}"}`;
    expect(await growth(customers('miss'), () => ada.me())).toBe(1);
    expect(await growth(customers('hit'), () => ada.me())).toBe(1);
    expect(await scraped()).toMatch(/^turnpike_cache_reads_total\{cache="plans",outcome="hit"\} [1-9]/m);
    expect(await scraped()).toMatch(/^turnpike_cache_reads_total\{cache="fleet-usage",outcome="miss"\} \d/m);
  });

  it('tell whether the process is ready, and who waits in which line', async () => {
    const text = await scraped();
    expect(text).toMatch(/^turnpike_ready 1$/m);
    for (const line of ['api-gateway', 'create-api-key', 'cognito-user-read', 'serial-lane', 'connections']) {
      expect(text).toContain(`turnpike_aws_queue{line="${line}"} 0`);
    }
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
