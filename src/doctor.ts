import 'reflect-metadata';
import { parseArgs } from 'node:util';
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
import { asTable } from './operation/probe/expectations.js';
import { ProbeModule } from './operation/probe/probe.module.js';
import { Probe, type ProbeOrder } from './operation/probe/probe.service.js';

const EXIT_CODES = { safe: 0, unsafe: 1, unknown: 2 } as const;
const MOST_SECONDS = 120;
const LOOK_MILLISECONDS = 250;

@Module({})
class DoctorApplication {}

const USAGE =
  'the flags are --json, or --live <url> with --plan, --token id|access, --header, --client, --patience <seconds>';

/**
 * The pre-flight by hand, with all keys counted, and with `--live` the deployed API tried by a customer made for it. Prints
 * the report; exits with 0 = as it should be, 1 = not, 2 = AWS did not answer.
 */
async function main(args: readonly string[]): Promise<void> {
  const flags = flagsOf(args);
  const config = Config.read();
  const order = flags.live === undefined ? null : orderOf(flags, config);
  const imports = [configModule(config), AwsModule, ClockModule, PreflightModule, ProbeModule];
  const application = { module: DoctorApplication, imports };
  const app = await NestFactory.createApplicationContext(application, { logger: createLogger(config, 'error') });
  const looking = app.get(Preflight).look((inspection) => inspection.countKeys());
  const verdict = await Promise.race([looking, givenUp(app.get(Governor), app.get(Clock))]);
  await print(flags.json ? asJson(verdict) : asText(verdict));
  const isGood = order === null || verdict.outcome === 'unknown' || (await isProbed(app.get(Probe), order));
  process.exit(isGood ? EXIT_CODES[verdict.outcome] : 1); // calls may still be under way
}

type Flags = ReturnType<typeof flagsOf>;

function flagsOf(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const options = { live: text, plan: text, token: text, header: text, client: text, patience: text } as const;
  try {
    return parseArgs({ args: [...args], options: { ...options, json: { type: 'boolean' } } }).values;
  } catch {
    throw new ConfigError([`${args.join(' ')}: ${USAGE}`]);
  }
}

function orderOf(
  { live = '', plan, token = 'id', header = 'authorization', client, patience = '300' }: Flags,
  config: Config,
) {
  const isGood = URL.canParse(live) && (token === 'id' || token === 'access') && /^\d{1,4}$/.test(patience);
  if (!isGood) throw new ConfigError([USAGE]);
  const order: Omit<ProbeOrder, 'stop'> = {
    url: live,
    plan: plan ?? config.defaultPlan ?? 'free',
    token: token === 'id' ? 'id' : 'access',
    header,
    client: client ?? null,
    userPoolId: config.userPoolId,
    patienceSeconds: Number(patience),
  };
  return order;
}

/** Whether the API is as it should be; what was made for it is gone in any case. */
async function isProbed(probe: Probe, order: Omit<ProbeOrder, 'stop'>): Promise<boolean> {
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
  const rows = await probe.run({ ...order, stop: stopping.signal });
  await print(`\n${asTable(rows)}`);
  if (stopping.signal.aborted) await print('\nStopped. What was made for it is removed.');
  return rows.every(({ mend }) => mend === null) && !stopping.signal.aborted;
}

function print(text: string): Promise<void> {
  return new Promise((resolve) => void process.stdout.write(`${text}\n`, () => resolve()));
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
