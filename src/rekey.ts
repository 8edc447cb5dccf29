import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Config, ConfigError, configModule } from './config.js';
import { RekeyModule } from './keys/rekey/rekey.module.js';
import type { Progress, RekeyOptions } from './keys/rekey/rekey-report.js';
import { Rekeying } from './keys/rekey/rekeying.service.js';
import { createLogger, failureText } from './log.js';

const USAGE = 'usage: npm run rekey -- [signatures] [--grace-seconds <0 to 2592000>] [--imported] [--dry-run]';
const MOST_GRACE_SECONDS = 2_592_000;
const BAR_WIDTH = 40;
const LEFT = 2;

@Module({})
class RekeyApplication {}

/**
 * Puts all keys and signatures, or with `signatures` those alone, on the first of KEY_SECRET. Prints the report; exits with 0
 * when nothing is left to do, with 2 when something is, with 1 on failure. May be killed and begun again.
 */
async function main(words: readonly string[]): Promise<void> {
  const options = optionsOf(words);
  const config = Config.read();
  const application = { module: RekeyApplication, imports: [configModule(config), RekeyModule] };
  const app = await NestFactory.createApplicationContext(application, { logger: createLogger(config, 'warn') });
  const report = await app.get(Rekeying).run(options, process.stderr.isTTY ? bar() : lines());
  await app.close();
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  if (report.leftCount > 0) process.exitCode = LEFT;
}

function optionsOf(words: readonly string[]): RekeyOptions {
  const { values, positionals } = parsed(words);
  const graceSeconds = Number(values['grace-seconds']);
  const isGrace = /^\d{1,7}$/.test(values['grace-seconds']) && graceSeconds <= MOST_GRACE_SECONDS;
  const [verb, ...others] = positionals;
  if (!isGrace || others.length > 0 || (verb !== undefined && verb !== 'signatures')) throw new ConfigError([USAGE]);
  const signaturesOnly = verb === 'signatures';
  return { signaturesOnly, graceSeconds, keepImported: values.imported, isDryRun: values['dry-run'] };
}

function parsed(words: readonly string[]) {
  const flag = { type: 'boolean', default: false } as const;
  const options = { 'grace-seconds': { type: 'string', default: '0' }, imported: flag, 'dry-run': flag } as const;
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true });
  } catch {
    throw new ConfigError([USAGE]);
  }
}

/** For a terminal: one line, drawn over again. */
function bar(): Progress {
  return (done, total) => {
    const filled = Math.floor((BAR_WIDTH * done) / total);
    const end = done === total ? '\n' : '';
    process.stderr.write(`\r[${'#'.repeat(filled).padEnd(BAR_WIDTH, '.')}] ${done} of ${total} customers${end}`);
  };
}

/** For a log: a line for each twentieth. */
function lines(): Progress {
  let told = -1;
  return (done, total) => {
    const twentieth = Math.floor((20 * done) / total);
    if (twentieth === told) return;
    told = twentieth;
    process.stderr.write(`${done} of ${total} customers\n`);
  };
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(failureText(error));
  process.exit(1);
});
