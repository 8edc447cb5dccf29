import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AwsClients } from '../../src/aws/aws-clients.js';
import { Metrics } from '../../src/metrics.js';
import { currentSpan, type Span } from '../../src/tracing/span.js';
import { attributesOf, Collector, type ReceivedSpan } from '../support/collector.js';
import type { Customer } from '../support/customer.js';
import { environment, World } from '../support/world.js';

const PASSWORD = 'of-the-collector';
const SUBSCRIBE =
  'mutation ($plan: String!) { mine: subscribe(plan: $plan) { ... on SubscriptionChanged { key { value } } } }';
const newId = (bytes: number) => randomBytes(bytes).toString('hex');

/** Sends what a website would send that traces its own requests. */
async function post(world: World, who: Customer, query: string, traceparent: string, variables = {}) {
  const reply = await fetch(`${world.url}/graphql?from=a-campaign`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${who.accessToken}`, traceparent },
    body: JSON.stringify({ query, variables }),
  });
  return { correlationId: reply.headers.get('x-correlation-id'), text: await reply.text() };
}

describe('with a collector, a subscription', () => {
  let collector: Collector;
  let world: World;
  let ada: Customer;
  let spans: readonly ReceivedSpan[];
  let answer: { correlationId: string | null; text: string };
  const [traceId, callerSpan] = [newId(16), newId(8)];

  beforeAll(async () => {
    collector = await Collector.start();
    world = await World.start({
      OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/`,
      OTEL_EXPORTER_OTLP_HEADERS: `x-token=${PASSWORD}%20of%20ours`,
      OTEL_SERVICE_NAME: 'turnpike-test',
    });
    ada = await world.customer();
    answer = await post(world, ada, SUBSCRIBE, `00-${traceId}-${callerSpan}-01`, { plan: 'free' });
    spans = await collector.trace(traceId);
  });
  afterAll(async () => {
    await world.close();
    await collector.close();
  });

  const named = (name: string) => spans.filter((span) => span.name === name);
  const parentOf = ({ parentSpanId }: ReceivedSpan) => spans.find(({ spanId }) => spanId === parentSpanId)?.name;

  it('is one trace, the caller’s: request, operation, reconcile, and each call to AWS', () => {
    const [request, operation, reconcile, attaching] = [
      'POST /graphql',
      'mutation subscribe',
      'reconcile',
      'CreateUsagePlanKey',
    ].map((name) => named(name));
    expect([request, operation, reconcile, attaching].map((found) => found?.length)).toEqual([1, 1, 1, 1]);
    expect(request?.[0]?.parentSpanId).toBe(callerSpan);
    expect([operation, reconcile, attaching].flatMap((found) => found ?? []).map(parentOf)).toEqual([
      'POST /graphql',
      'mutation subscribe',
      'reconcile',
    ]);
    expect(named('AdminGetUser').map(parentOf)).toContain('mutation subscribe');
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length);
  });

  it('says of each what came of it, and what logs and CloudTrail call it', () => {
    expect(attributesOf(named('POST /graphql')[0] as ReceivedSpan)).toEqual({
      'http.request.method': 'POST',
      'http.route': '/graphql',
      'http.response.status_code': '200',
      'turnpike.correlation_id': answer.correlationId,
    });
    expect(attributesOf(named('mutation subscribe')[0] as ReceivedSpan)).toMatchObject({
      'turnpike.outcome': 'SubscriptionChanged',
    });
    expect(attributesOf(named('reconcile')[0] as ReceivedSpan)).toEqual({ 'turnpike.outcome': 'ACTIVE' });
    expect(attributesOf(named('CreateUsagePlanKey')[0] as ReceivedSpan)).toEqual({
      'rpc.system': 'aws-api',
      'rpc.service': 'api-gateway',
      'rpc.method': 'CreateUsagePlanKey',
      'turnpike.outcome': 'ok',
      'aws.request_id': expect.stringMatching(/^[A-Za-z0-9-]{8,64}$/),
    });
  });

  it('takes a time within that of what it is part of', () => {
    for (const span of spans) {
      expect(BigInt(span.endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(span.startTimeUnixNano));
      const parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
      if (parent) expect(BigInt(span.startTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(parent.startTimeUnixNano));
    }
  });

  it('is sent to where OpenTelemetry has it, with the headers and the name that were set', () => {
    expect(new Set(collector.paths)).toEqual(new Set(['/v1/traces']));
    expect(collector.headers[0]).toMatchObject({
      'x-token': `${PASSWORD} of ours`,
      'content-type': 'application/json',
    });
    expect(new Set(collector.services)).toEqual(new Set(['turnpike-test']));
  });

  it('holds no secret, nothing that was typed, and nobody’s name', async () => {
    const [key] = await ada.keys();
    expect(answer.text).toContain(key?.value);
    const sent = collector.bodies.join();
    const secrets = [key?.value, ada.accessToken, ada.email, ada.sub, environment('').KEY_SECRET, PASSWORD];
    for (const secret of [...secrets, 'Bearer', 'a-campaign', '"mine"', 'free']) {
      expect([secret, String(secret).length > 3 && sent.includes(String(secret))]).toEqual([secret, false]);
    }
    expect(world.log.text).not.toContain(PASSWORD);
  });

  it('that fails says so; a caller who keeps no trace gets none; a bad traceparent begins a new one', async () => {
    const [failing, unkept, bad] = [newId(16), newId(16), newId(16)];
    await post(world, ada, '{ me { id } }', `00-${unkept}-${callerSpan}-00`);
    await post(world, ada, '{ me { id } }', `00-${bad}-${callerSpan}-01-more`);
    world.sandbox.habits.addFault({ operation: 'AdminGetUser', kind: 'throttle', times: 1 });
    world.forward(60);
    await post(world, ada, '{ me { id } }', `00-${failing}-${callerSpan}-01`);
    const calls = (await collector.trace(failing)).filter(({ name }) => name === 'AdminGetUser');
    expect(calls.map((span) => [attributesOf(span)['turnpike.outcome'], span.status.code])).toEqual([
      ['throttled', 2],
      ['ok', 0],
    ]);
    const others = collector.spans.filter((span) => span.traceId !== failing && span.traceId !== traceId);
    expect(others.filter((span) => [unkept, bad].includes(span.traceId))).toEqual([]);
    expect(others.filter(({ name }) => name === 'query me').length).toBe(1);
  });
});

describe('without a collector', () => {
  it('that takes them, spans are lost, counted and told once, and nobody notices', async () => {
    const collector = await Collector.start();
    collector.status = 503;
    const world = await World.start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
    const ada = await world.customer();
    expect(await ada.subscribe('free')).toMatchObject({ __typename: 'SubscriptionChanged' });
    if (collector.bodies.length === 0) await collector.next();
    await ada.me();
    await world.close();
    const { spansLost } = world.app.get(Metrics, { strict: false });
    expect(collector.spans.length).toBeGreaterThan(5);
    expect((await spansLost.get()).values[0]?.value).toBeGreaterThanOrEqual(collector.spans.length);
    expect(world.log.text.match(/"lost":/g)).toHaveLength(1);
    await collector.close();
  });

  it('nothing of a request is traced, whatever it says of itself', async () => {
    const world = await World.start();
    const ada = await world.customer();
    const during: (Span | null)[] = [];
    world.app.get(AwsClients).cognito.middlewareStack.add((next) => (args) => {
      during.push(currentSpan());
      return next(args);
    });
    const { text } = await post(world, ada, '{ me { id } }', `00-${newId(16)}-${newId(8)}-01`);
    expect(text).toContain(ada.sub);
    expect(new Set(during)).toEqual(new Set([null]));
    await world.close();
  });
});
