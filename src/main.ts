import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { APP_OPTIONS, dress, httpAdapter } from './app.js';
import { appModule } from './app.module.js';
import { Config, ConfigError } from './config.js';
import { createLogger } from './log.js';

async function main(): Promise<void> {
  const config = Config.read();
  const logger = createLogger(config);
  const app = await NestFactory.create<NestFastifyApplication>(appModule(config), httpAdapter(config), {
    ...APP_OPTIONS,
    logger,
  });
  await dress(app).listen(config.port, config.host);
  logger.log(`Listening on ${await app.getUrl()}`, 'Turnpike');
}

main().catch((error: unknown) => {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exit(1);
});
