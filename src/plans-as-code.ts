import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AwsUnavailableError } from './aws/failures.js';
import { Config, ConfigError, configModule } from './config.js';
import { createLogger, failureText } from './log.js';
import { AsCodeModule } from './plans/as-code/as-code.module.js';
import { linesOf } from './plans/as-code/comparison.js';
import { PlanFileError, readPlanFile, writePlanFile } from './plans/as-code/plan-file.js';
import { PlansAsCode } from './plans/as-code/plans-as-code.service.js';

const HELP = 'the commands are: diff <file>, apply <file> [--retire-missing], export';
const DIFFERENT = 2;

@Module({})
class PlansApplication {}

/**
 * The plans of the account and a file: what differs, making the account as the file says, or writing the file. Exits with
 * 0 when account and file agree, with 2 when they do not (after apply: still; after export: it would be refused), with 1 on failure.
 */
async function main([command = '', ...rest]: readonly string[]): Promise<number> {
  const flags = rest.filter((word) => word.startsWith('--'));
  const [path, ...others] = rest.filter((word) => !word.startsWith('--'));
  const isKnown = flags.every((flag) => flag === '--retire-missing' && command === 'apply');
  const isWhole = command === 'export' ? path === undefined : ['diff', 'apply'].includes(command) && path !== undefined;
  if (!isKnown || !isWhole || others.length > 0) throw new ConfigError([HELP]);
  const wanted = path === undefined ? [] : readPlanFile(textOf(path));
  const config = Config.read();
  const application = { module: PlansApplication, imports: [configModule(config), AsCodeModule] };
  const logger = createLogger(config, 'error');
  const app = await NestFactory.createApplicationContext(application, { logger });
  try {
    const plans = app.get(PlansAsCode);
    if (command === 'export') return await exported(plans);
    if (command === 'diff') return await compared(plans, wanted);
    return await applied(plans, wanted, flags.length > 0);
  } finally {
    await app.close();
  }
}

async function exported(plans: PlansAsCode): Promise<number> {
  const text = writePlanFile(await plans.settings());
  process.stdout.write(text);
  try {
    readPlanFile(text);
    return 0;
  } catch (error) {
    if (!(error instanceof PlanFileError)) throw error;
    console.error(`diff and apply would refuse what plans made by hand have here:\n${error.mistakes.join('\n')}`);
    return DIFFERENT;
  }
}

async function compared(plans: PlansAsCode, wanted: ReturnType<typeof readPlanFile>): Promise<number> {
  const differences = await plans.differences(wanted);
  const lines = differences.flatMap(linesOf);
  process.stdout.write(lines.length > 0 ? `${lines.join('\n')}\n` : 'No difference.\n');
  return differences.length > 0 ? DIFFERENT : 0;
}

async function applied(
  plans: PlansAsCode,
  wanted: ReturnType<typeof readPlanFile>,
  isRetiring: boolean,
): Promise<number> {
  const { done, left, failures } = await plans.apply(wanted, isRetiring, process.stderr);
  process.stdout.write([`${done} plans written.`, ...left.flatMap(linesOf), ''].join('\n'));
  for (const failure of failures) console.error(failure);
  if (failures.length > 0) return 1;
  return left.length > 0 ? DIFFERENT : 0;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new ConfigError([`${path} cannot be read`]);
  }
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const isTold = [ConfigError, PlanFileError, AwsUnavailableError].some((kind) => error instanceof kind);
    console.error(isTold && error instanceof Error ? error.message : failureText(error));
    process.exit(1);
  },
);
