import { NoSuchFunction } from '../../gateway/data-plane/functions.js';
import { ServiceFailure } from '../../wire.js';
import type { Client, User } from '../pools.js';
import type { PoolTriggers, TriggerEvents } from './events.js';

const LIMIT_MILLISECONDS = 5000;
const MOST_CALLS = 3;
const TIMED_OUT = Symbol('timed out');

/** Runs the functions that stand for a pool's Lambda triggers. */
export class Triggers {
  /** `ofPool` answers the triggers of a user pool. */
  constructor(private readonly ofPool: (poolId: string) => PoolTriggers = () => ({})) {}

  has(name: keyof TriggerEvents, { poolId }: Pick<User, 'poolId'>): boolean {
    return this.ofPool(poolId)[name] !== undefined;
  }

  /** The `response` of the event it answers, null when there is no such trigger. Called again when it takes too long. */
  async run<Name extends keyof TriggerEvents>(name: Name, event: TriggerEvents[Name]): Promise<unknown> {
    const trigger: PoolTriggers[Name] = this.ofPool(event.userPoolId)[name];
    if (trigger === undefined) return null;
    for (let call = 1; call <= MOST_CALLS; call += 1) {
      const answer = await inTime(failingAs(name, async () => trigger(structuredClone(event))));
      if (answer !== TIMED_OUT) return responseOf(answer);
    }
    throw notInvoked(name, 'Socket timeout while invoking Lambda function.');
  }
}

/** What all triggers are told about who and where; no client means that the pool's owner called. */
export function occasion(user: User, client: Client | null) {
  return {
    region: user.poolId.split('_')[0] ?? '',
    userPoolId: user.poolId,
    userName: user.username,
    callerContext: { awsSdkVersion: 'aws-sdk-unknown-unknown', clientId: client?.id ?? 'CLIENT_ID_NOT_APPLICABLE' },
  };
}

export function unrecognizable(): ServiceFailure {
  return new ServiceFailure('InvalidLambdaResponseException', 'Unrecognizable lambda output');
}

async function failingAs(name: string, run: () => Promise<unknown>): Promise<unknown> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof NoSuchFunction) throw notInvoked(name, 'AccessDeniedException.');
    const text = error instanceof Error ? error.message : String(error);
    throw new ServiceFailure('UserLambdaValidationException', `${called(name)} failed with error ${text}.`);
  }
}

async function inTime(answer: Promise<unknown>): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise((resolve) => {
    timer = setTimeout(resolve, LIMIT_MILLISECONDS, TIMED_OUT);
  });
  return Promise.race([answer, limit]).finally(() => clearTimeout(timer));
}

function notInvoked(name: string, text: string): ServiceFailure {
  return new ServiceFailure('UnexpectedLambdaException', `${called(name)} invocation failed due to error ${text}`);
}

function called(name: string): string {
  return name.replace(/V2$/, '');
}

function responseOf(answer: unknown): unknown {
  const { response }: { response?: unknown } = Object(answer);
  if (typeof response !== 'object' || response === null) throw unrecognizable();
  return response;
}
