import { ApiGatewayKeyStore } from '../../src/aws/api-gateway-key-store.js';
import { ApiGatewayUsagePlans } from '../../src/aws/api-gateway-usage-plans.js';
import { AwsClients } from '../../src/aws/aws-clients.js';
import { Governor } from '../../src/aws/governor.js';
import { Clock } from '../../src/clock.js';
import { Config } from '../../src/config.js';
import { Metrics } from '../../src/metrics.js';
import { RedisConnection } from '../../src/redis.js';
import { environment } from './world.js';

/** What one process of Turnpike asks AWS with, on real time. */
export class AwsSide {
  readonly metrics: Metrics;
  readonly redis: RedisConnection;
  readonly governor: Governor;
  readonly keys: ApiGatewayKeyStore;
  readonly plans: ApiGatewayUsagePlans;
  private readonly clients: AwsClients;

  constructor(sandboxUrl: string, overrides: Readonly<Record<string, string>>) {
    const env = environment(sandboxUrl, overrides);
    Object.assign(process.env, env); // the SDK reads its endpoints and credentials from here
    const config = Config.read(env);
    const clock = new Clock();
    this.metrics = new Metrics(clock);
    this.redis = new RedisConnection(config, clock, this.metrics);
    this.governor = new Governor(config, clock, this.metrics, this.redis);
    this.clients = new AwsClients(config);
    this.keys = new ApiGatewayKeyStore(this.clients, this.governor);
    this.plans = new ApiGatewayUsagePlans(this.clients, this.governor);
  }

  close(): void {
    this.redis.onApplicationShutdown();
    this.clients.onApplicationShutdown();
  }
}
