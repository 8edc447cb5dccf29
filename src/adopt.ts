import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Config, ConfigError, configModule } from './config.js';
import { ForeignKeys, type ForeignReport } from './keys/foreign-keys.service.js';
import { KeysModule } from './keys/keys.module.js';
import { createLogger, failureText } from './log.js';

const USAGE = 'usage: npm run adopt -- report [--json]';

@Module({})
class AdoptApplication {}

/** Lists what the account holds that is not ours, and changes nothing. */
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

function asText({ keys, plans, otherFleets }: ForeignReport): string {
  return [
    `Usage plans that are not ours: ${plans.length}`,
    ...plans.map(({ id, name, keys: members }) => `  ${id}  ${name}: ${members} keys`),
    `API keys that are not ours: ${keys.length}`,
    ...keys.map(({ id, name, lastFour, plans: on, obstacle }) => {
      const where = on.length > 0 ? `in ${on.join(', ')}` : 'in no plan';
      return `  ${id}  ${name || '(no name)'}  …${lastFour}  ${where}: ${obstacle ?? 'can be imported'}`;
    }),
    ...(otherFleets.length > 0 ? [ofOthers(otherFleets)] : []),
  ].join('\n');
}

/** Two cases look alike from here, and only people can tell which it is. */
function ofOthers(fleets: ForeignReport['otherFleets']): string {
  const sum = fleets.reduce((total, { enabledKeys }) => total + enabledKeys, 0);
  return [
    `Enabled keys that Turnpike made under another prefix or pool: ${sum}`,
    ...fleets.map(({ name, enabledKeys }) => `  ${name}: ${enabledKeys}`),
    '  Keys of another deployment in this account are its own business. Keys that were left when the pool or KEY_PREFIX of',
    '  this one was changed work for good, and nothing ends them: docs/operators.md, section 1.',
  ].join('\n');
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(failureText(error));
  process.exit(1);
});
