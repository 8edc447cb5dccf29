import 'reflect-metadata';
import { Test } from '@nestjs/testing';
import { AwsClients } from '../../dist/aws/aws-clients.js';
import { Clock } from '../../dist/clock.js';
import { Config, configModule } from '../../dist/config.js';
import { CLIENT_ID, REGION, USER_POOL_ID } from '../../dist/sandbox/seed.js';
import { SubscriptionsModule } from '../../dist/subscriptions/subscriptions.module.js';
import { SweepModule } from '../../dist/subscriptions/sweep/sweep.module.js';
import { UsageModule } from '../../dist/usage/usage.module.js';

class Server {}

/** What an operator would set. Nothing sweeps by itself: a timer goes by the machine's time. */
const ENVIRONMENT = {
  AWS_REGION: REGION,
  COGNITO_USER_POOL_ID: USER_POOL_ID,
  COGNITO_CLIENT_ID: CLIENT_ID,
  KEY_SECRET: 'a-secret-for-a-benchmark-that-is-long-enough',
  SWEEP_INTERVAL_SECONDS: '0',
  LIMIT_MUTATIONS_PER_MINUTE: '0',
};

/** The services of one process as they are built, on that AWS and that clock; what it answers finds one by its class. */
export async function services(aws, clock, environment) {
  const server = {
    module: Server,
    imports: [
      configModule(Config.read({ ...ENVIRONMENT, ...environment })),
      SubscriptionsModule,
      SweepModule,
      UsageModule,
    ],
  };
  const building = Test.createTestingModule({ imports: [server] }).setLogger(false);
  building.overrideProvider(Clock).useValue(clock);
  const module = await building.overrideProvider(AwsClients).useValue(aws.clients).compile();
  return (service) => module.get(service, { strict: false });
}
