import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { collectDefaultMetrics } from 'prom-client';
import { Config } from '../config.js';
import { Metrics } from '../metrics.js';

/** Serves `/metrics` on a port of its own: what is counted here is for the operator's network, not for customers. */
@Injectable()
export class MetricsServer implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly server = createServer((request, reply) => void this.answer(request, reply));

  constructor(
    private readonly config: Config,
    private readonly metrics: Metrics,
  ) {}

  /** Where it listens; null = nowhere. */
  get port(): number | null {
    const address = this.server.address();
    return typeof address === 'object' && address !== null ? address.port : null;
  }

  async onApplicationBootstrap(): Promise<void> {
    const { metricsPort, host } = this.config;
    if (metricsPort === null) return;
    collectDefaultMetrics({ register: this.metrics.registry });
    this.server.listen(metricsPort, host);
    await once(this.server, 'listening');
  }

  onApplicationShutdown(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async answer({ method, url }: IncomingMessage, reply: ServerResponse): Promise<void> {
    if (method !== 'GET' || url !== '/metrics') return void reply.writeHead(404).end();
    const text = await this.metrics.text();
    reply.writeHead(200, { 'content-type': this.metrics.registry.contentType }).end(text);
  }
}
