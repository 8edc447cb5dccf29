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
import { leftoversAsText } from './operation/probe/removal.service.js';

const EXIT_CODES = { safe: 0, unsafe: 1, unknown: 2 } as const;
const MOST_SECONDS = 120;
const MOST_PATIENCE_SECONDS = 3600;
const LOOK_MILLISECONDS = 250;

@Module({})
class DoctorApplication {}

const USAGE =
  'the flags are --json, or --live <url> with --plan, --call-with key|token, --token id|access, --header, --client, --patience <seconds, 3600 at most>';

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
  const who = { plan: text, token: text, header: text, client: text, 'call-with': text } as const;
  const options = { ...who, live: text, patience: text, json: { type: 'boolean' } } as const;
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch {
    throw new ConfigError([`${args.join(' ')}: ${USAGE}`]);
  }
}

function orderOf(flags: Flags, config: Config) {
  const { live = '', plan, header = 'authorization', client, patience = '300', 'call-with': callWith = 'key' } = flags;
  const token = flags.token ?? (callWith === 'token' ? 'access' : 'id');
  const isPatience = /^\d{1,4}$/.test(patience) && Number(patience) <= MOST_PATIENCE_SECONDS;
  const areWords = isOneOf(token, ['id', 'access']) && isOneOf(callWith, ['key', 'token']);
  if (!URL.canParse(live) || !areWords || !isPatience) throw new ConfigError([USAGE]);
  const order: Omit<ProbeOrder, 'stop'> = {
    url: live,
    plan: plan ?? config.defaultPlan ?? 'free',
    token: token === 'id' ? 'id' : 'access',
    callWith: callWith === 'key' ? 'key' : 'token',
    header,
    client: client ?? null,
    userPoolId: config.userPoolId,
    patienceSeconds: Number(patience),
  };
  return order;
}

function isOneOf(word: string, words: readonly string[]): boolean {
  return words.includes(word);
}

/** Whether the API is as it should be, and what was made for it is gone; if not, it says what is to be removed by hand. */
async function isProbed(probe: Probe, order: Omit<ProbeOrder, 'stop'>): Promise<boolean> {
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
  const { rows, failure, left } = await probe.run({ ...order, stop: stopping.signal });
  await print(`\n${asTable(rows)}`);
  if (left.length > 0) await print(`\n${leftoversAsText(left)}`);
  else if (stopping.signal.aborted) await print('\nStopped. What was made for it is removed.');
  if (failure !== null) throw failure;
  return rows.every(({ mend }) => mend === null) && left.length === 0 && !stopping.signal.aborted;
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
