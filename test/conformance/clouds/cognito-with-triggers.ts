import { Cognito } from '../../../src/sandbox/cognito/cognito.js';
import type { PoolTriggers } from '../../../src/sandbox/cognito/triggers/events.js';
import type { SandboxFunctions } from '../../../src/sandbox/gateway/data-plane/functions.js';
import { ACCOUNT_ID } from '../../../src/sandbox/gateway/rest-api/drafts.js';
import { listen } from '../../../src/sandbox/http.js';
import { SandboxClock } from '../../../src/sandbox/sandbox-clock.js';
import { Store } from '../../../src/sandbox/store.js';
import { Cloud } from '../cloud.js';
import { clientsAt } from './sandbox.js';

/** A Cognito without an API Gateway, all of whose pools have the triggers that `of` names at the time of a call, and those of their own. */
export async function cognitoWithTriggers(
  of: () => PoolTriggers,
  outer: Cloud | null,
  functions: SandboxFunctions = {},
): Promise<Cloud> {
  const clock = new SandboxClock();
  const everyPool = new Proxy<Record<string, PoolTriggers>>({}, { get: () => of(), has: () => true });
  const cognito = new Cognito(new Store(null), clock, undefined, everyPool, functions);
  const server = await listen(0, (request) => cognito.answer(request));
  const cloud = new Cloud({
    name: 'sandbox',
    region: 'us-east-1',
    accountId: ACCOUNT_ID,
    ...clientsAt(`http://127.0.0.1:${server.port}`),
    executeUrl: () => '',
    lacks: {},
    insides: { clock, cognito, sandbox: null, invocations: [] },
    outer,
    stop: server.close,
  });
  outer?.onClose(() => cloud.close());
  return cloud;
}
