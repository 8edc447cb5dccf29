import 'reflect-metadata';
import { setTimeout as pause } from 'node:timers/promises';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { APP_OPTIONS, dress, httpAdapter } from './app.js';
import { appModule } from './app.module.js';
import { Config } from './config.js';
import { createLogger, failureText } from './log.js';
import { asText } from './operation/preflight/report.js';
import { PreflightSchedule } from './operation/preflight-schedule.service.js';
import { ReadinessService } from './operation/readiness.service.js';

/** AWS may be away when a process starts: it starts all the same, and is not ready until it has passed. */
const PREFLIGHT_MILLISECONDS = 5000;
/** Longer than the slowest request; what is not done by then is finished by the next one, elsewhere. */
const END_MILLISECONDS = 20_000;

async function main(): Promise<void> {
  const config = Config.read();
  let listening: NestFastifyApplication | null = null;
  let isEnding = false;
  const end = (seconds: number) => {
    if (isEnding) return; // npm hands on what the process group was told as well
    isEnding = true;
    void (listening ? close(listening, seconds).then(process.exit) : process.exit(0));
  };
  // Before anything that takes its time: as process 1 of a container Node would not hear of it.
  process.on('SIGTERM', () => end(config.drainSeconds)); // from a process manager, behind a load balancer
  process.on('SIGINT', () => end(0)); // from a keyboard
  const logger = createLogger(config);
  const app = await NestFactory.create<NestFastifyApplication>(appModule(config), httpAdapter(config), {
    ...APP_OPTIONS,
    logger,
  });
  await dress(app).init();
  const verdict = await app.get(PreflightSchedule).first(PREFLIGHT_MILLISECONDS);
  if (verdict?.outcome === 'unsafe') {
    console.error(asText(verdict));
    process.exit(1);
  }
  await app.listen(config.port, config.host);
  listening = app;
  logger.log(`Listening on ${await app.getUrl()}`, 'Turnpike');
}

/** Not ready first, and served until load balancers have noticed; then the server closes, and what it stands on. */
async function close(app: NestFastifyApplication, drainSeconds: number): Promise<number> {
  app.get(ReadinessService).drain();
  await pause(drainSeconds * 1000);
  setTimeout(() => process.exit(1), END_MILLISECONDS).unref();
  await app.getHttpAdapter().close(); // before Nest's own order, which stops GraphQL while requests still come
  await app.close();
  return 0;
}

main().catch((error: unknown) => {
  console.error(failureText(error));
  process.exit(1);
});
