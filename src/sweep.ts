import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Config, ConfigError, configModule } from './config.js';
import { createLogger, failureText } from './log.js';
import { SweepModule } from './subscriptions/sweep/sweep.module.js';
import { Sweeper } from './subscriptions/sweep/sweeper.service.js';

const FLAGS = ['--dry-run', '--confirm'];

@Module({})
class SweepApplication {}

/** One sweep, for a scheduler or by hand. Prints the report alone; exits with 2 when keys were held back, with 1 on failure. */
async function main(flags: readonly string[]): Promise<void> {
  const unknown = flags.filter((flag) => !FLAGS.includes(flag));
  if (unknown.length > 0) throw new ConfigError([`${unknown.join(', ')}: the flags are ${FLAGS.join(' and ')}`]);
  const config = Config.read();
  const application = { module: SweepApplication, imports: [configModule(config), SweepModule] };
  const app = await NestFactory.createApplicationContext(application, {
    logger: createLogger(config, 'warn'),
  });
  const options = { isDryRun: flags.includes('--dry-run'), confirm: flags.includes('--confirm') };
  const report = await app.get(Sweeper).sweep(options);
  await app.close();
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  if (report.heldBack > 0) process.exitCode = 2;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(failureText(error));
  process.exit(1);
});
