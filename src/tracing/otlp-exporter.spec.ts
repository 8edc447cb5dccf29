import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Clock } from '../clock.js';
import { Metrics } from '../metrics.js';
import { OtlpExporter } from './otlp-exporter.js';
import { Trace } from './span.js';

const lostOf = async ({ spansLost }: Metrics) => (await spansLost.get()).values[0]?.value;

class Still extends Clock {
  override sleep(): Promise<void> {
    return new Promise(() => {});
  }
}

describe('the exporter', () => {
  beforeAll(() => Logger.overrideLogger(false));

  it('asks a collector that is away once, not once for each batch, and counts all that is lost', async () => {
    let asked = 0;
    const server = createServer((request, reply) => {
      asked += 1;
      request.resume().on('end', () => reply.writeHead(503).end());
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const clock = new Still();
    const metrics = new Metrics(clock);
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`;
    const exporter = new OtlpExporter({ url, headers: {}, serviceName: 'test' }, clock, metrics);
    for (let i = 0; i < 1200; i++)
      new Trace('0'.repeat(32), clock, (span) => exporter.take(span)).begin('x', 'server', null)?.end();
    await exporter.flush();
    expect([asked, await lostOf(metrics)]).toEqual([1, 1200]);
    server.close();
    server.closeAllConnections();
  });

  it('keeps only so much for later', async () => {
    const clock = new Still();
    const metrics = new Metrics(clock);
    const exporter = new OtlpExporter({ url: 'http://127.0.0.1:1/', headers: {}, serviceName: 'test' }, clock, metrics);
    for (let i = 0; i < 6000; i++)
      new Trace('0'.repeat(32), clock, (span) => exporter.take(span)).begin('x', 'server', null)?.end();
    expect(await lostOf(metrics)).toBe(1000);
  });
});

describe('a trace', () => {
  it('has at most 500 spans, whatever a request sets going', () => {
    const ended: string[] = [];
    const trace = new Trace('0'.repeat(32), new Still(), ({ id }) => ended.push(id));
    const root = trace.begin('request', 'server', null);
    for (let i = 0; i < 600; i++) root?.child('call', 'client')?.end();
    root?.end();
    root?.end();
    expect([ended.length, new Set(ended).size]).toEqual([500, 500]);
  });
});
