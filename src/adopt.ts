import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Config, ConfigError, configModule } from './config.js';
import { type ForeignKey, ForeignKeys, type ForeignPlan } from './keys/foreign-keys.service.js';
import { KeysModule } from './keys/keys.module.js';
import { createLogger, failureText } from './log.js';

const USAGE = 'usage: npm run adopt -- report [--json]';

@Module({})
class AdoptApplication {}

/** Lists the keys and usage plans of the account that are not ours, and changes nothing. */
async function main([verb, ...flags]: readonly string[]): Promise<void> {
  if (verb !== 'report' || flags.some((flag) => flag !== '--json')) throw new ConfigError([USAGE]);
  const config = Config.read();
  const application = { module: AdoptApplication, imports: [configModule(config), KeysModule] };
  const app = await NestFactory.createApplicationContext(application, { logger: createLogger(config, 'warn') });
  const report = await app.get(ForeignKeys, { strict: false }).report();
  await app.close();
  const text = flags.includes('--json') ? JSON.stringify(report, null, 2) : asText(report);
  process.stdout.write(`${text}\n`);
}

function asText({ keys, plans }: { keys: readonly ForeignKey[]; plans: readonly ForeignPlan[] }): string {
  return [
    `Usage plans that are not ours: ${plans.length}`,
    ...plans.map(({ id, name, keys: members }) => `  ${id}  ${name}: ${members} keys`),
    `API keys that are not ours: ${keys.length}`,
    ...keys.map(({ id, name, lastFour, plans: on, obstacle }) => {
      const where = on.length > 0 ? `in ${on.join(', ')}` : 'in no plan';
      return `  ${id}  ${name || '(no name)'}  …${lastFour}  ${where}: ${obstacle ?? 'can be imported'}`;
    }),
  ].join('\n');
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(failureText(error));
  process.exit(1);
});
