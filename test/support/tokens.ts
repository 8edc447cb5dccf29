import { randomUUID } from 'node:crypto';
import { Pools } from '../../src/sandbox/cognito/pools.js';
import { Tokens } from '../../src/sandbox/cognito/tokens.js';
import { SandboxClock } from '../../src/sandbox/sandbox-clock.js';
import { CLIENT_ID, USER_POOL_ID } from '../../src/sandbox/seed.js';
import { Customer } from './customer.js';
import type { World } from './world.js';

/** Genuine tokens of any user, as the pool's hosted UI would issue them, `secondsAgo` before now. */
export function tokensOf(world: World, username: string, secondsAgo = 0, poolId = USER_POOL_ID, clientId = CLIENT_ID) {
  const clock = new SandboxClock();
  clock.forward((world.sandbox.clock.now().getTime() - Date.now()) / 1000 - secondsAgo);
  const pools = new Pools(world.sandbox.store, clock);
  const user = pools.user(pools.pool(poolId), username);
  const signIn = { eventId: randomUUID(), originJti: randomUUID(), authTime: clock.seconds() };
  return new Tokens(pools).issue(user, pools.client(clientId), signIn);
}

/** Somebody who signed in through a provider, such as `Google_123`, and so has no password. */
export function federatedCustomer(world: World, username: string): Customer {
  const sub = world.sandbox.cognito.seedFederatedUser({ poolId: USER_POOL_ID, username });
  const { AccessToken, IdToken } = tokensOf(world, username);
  return new Customer(world, { sub, username, email: '', accessToken: AccessToken, idToken: IdToken });
}
