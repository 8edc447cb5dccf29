import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AwsModule } from './aws/aws.module.js';
import { Governor } from './aws/governor.js';
import { Clock, ClockModule } from './clock.js';
import { Config, ConfigError, configModule } from './config.js';
import { createLogger, failureText } from './log.js';
import { Verdict } from './operation/preflight/finding.js';
import { PreflightModule } from './operation/preflight/preflight.module.js';
import { Preflight } from './operation/preflight/preflight.service.js';
import { asJson, asText } from './operation/preflight/report.js';

const EXIT_CODES = { safe: 0, unsafe: 1, unknown: 2 } as const;
const MOST_SECONDS = 120;
const LOOK_MILLISECONDS = 250;

@Module({})
class DoctorApplication {}

/** The pre-flight by hand, with all keys counted. Prints the report; exits with 0 = safe, 1 = unsafe, 2 = AWS did not answer. */
async function main(flags: readonly string[]): Promise<void> {
  const unknown = flags.filter((flag) => flag !== '--json');
  if (unknown.length > 0) throw new ConfigError([`${unknown.join(', ')}: the only flag is --json`]);
  const config = Config.read();
  const imports = [configModule(config), AwsModule, ClockModule, PreflightModule];
  const application = { module: DoctorApplication, imports };
  const app = await NestFactory.createApplicationContext(application, { logger: createLogger(config, 'error') });
  const looking = app.get(Preflight).look((inspection) => inspection.countKeys());
  const verdict = await Promise.race([looking, givenUp(app.get(Governor), app.get(Clock))]);
  const report = flags.includes('--json') ? asJson(verdict) : asText(verdict);
  process.stdout.write(`${report}\n`, () => process.exit(EXIT_CODES[verdict.outcome])); // calls may still be under way
}

/** The pre-flight is patient, and whoever waits before a screen is not. */
async function givenUp(governor: Governor, clock: Clock): Promise<Verdict> {
  const until = clock.seconds() + MOST_SECONDS;
  while (clock.seconds() < until) {
    await clock.sleep(LOOK_MILLISECONDS);
    const { away } = governor;
    if (away.length > 0) return new Verdict([], [`${away.join(' and ')}: one call after the other failed`], []);
  }
  return new Verdict([], [`AWS took longer than ${MOST_SECONDS} seconds`], []);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(failureText(error));
  process.exit(EXIT_CODES.unsafe);
});
