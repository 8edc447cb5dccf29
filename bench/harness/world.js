import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { CONTESTANTS } from '../contestants/list.js';
import { RUN_FOLDER } from '../processes/load.js';
import { Cognito, makePlans, startSandbox } from '../processes/sandbox.js';
import { startServer } from '../processes/servers.js';
import { ask, asking, comparable } from './asking.js';

const CUSTOMERS = 50;
const PLANS = 20;
const SETTLED_WITHIN_SECONDS = 60;
const LOOK_MILLISECONDS = 100;
const TURNPIKE = CONTESTANTS.find(({ name }) => name === 'turnpike');

/** Wide enough that the load is never refused; everything else is as it is shipped. */
const TURNPIKE_SETTINGS = {
  USAGE_LAG_SECONDS: '3600',
  LIMIT_MUTATIONS_PER_MINUTE: '1000000',
  LIMIT_ROTATIONS_PER_HOUR: '1000000',
  LIMIT_ROTATIONS_PER_DAY: '1000000',
  LIMIT_PLAN_CHANGES_PER_DAY: '1000000',
  LIMIT_ANONYMOUS_PER_MINUTE: '1000000',
};

/**
 * The sandbox, with twenty plans and fifty customers who have a plan and a key; their tokens; and what must be answered
 * to whom. Turnpike makes it, and what it answers is the data of all the others.
 */
export async function makeWorld({ firstPort, coldTokens }) {
  const sandbox = await startSandbox(firstPort + 99);
  const pool = new Cognito(sandbox);
  await makePlans(sandbox, PLANS);
  const { users } = await sandbox.post('/_sandbox/seed', { users: CUSTOMERS, emailPrefix: 'customer' });
  const customers = [];
  for (const { sub, email } of users) customers.push({ id: sub, ...(await pool.signIn(email)) });
  const world = { sandbox, pool, customers, firstPort, coldTokens };
  const server = await startServer(TURNPIKE, {
    port: firstPort,
    env: environmentFor(TURNPIKE, world),
    token: customers[0].token,
  });
  try {
    world.plans = (await answerOf(server, 'plans', customers[0].token)).plans;
    for (const customer of customers) {
      await answerOf(server, 'subscribe', customer.token, { plan: 'basic' });
      customer.me = (await answerOf(server, 'me', customer.token)).me;
    }
  } finally {
    await server.stop();
  }
  if (world.plans.length !== PLANS) throw new Error(`There are ${world.plans.length} plans instead of ${PLANS}.`);
  world.dataFile = join(RUN_FOLDER, 'data.json');
  const records = customers.map(({ id, me }) => ({ id, ...me }));
  writeFileSync(world.dataFile, JSON.stringify({ customers: records, plans: world.plans }));
  return world;
}

/** Started for the contestant, which has its port in `port`. */
export function environmentFor(contestant, { sandbox, dataFile, customers }, port = 0) {
  if (contestant.isTurnpike)
    return { ...sandbox.environment, ...TURNPIKE_SETTINGS, METRICS_PORT: String(port && port + 1) };
  const { COGNITO_USER_POOL_ID, COGNITO_CLIENT_ID, COGNITO_JWKS_ORIGIN } = sandbox.environment;
  return {
    COGNITO_USER_POOL_ID,
    COGNITO_CLIENT_ID,
    COGNITO_JWKS_ORIGIN,
    BENCH_DATA: dataFile,
    BENCH_SUB: customers[0].id,
  };
}

/** Asks as each customer and compares with what is known; answers how many bytes an answer has on average. */
export async function expectAnswers({ contestant, port }, name, { customers, plans }) {
  let bytes = 0;
  const asked = contestant.isConstant ? customers.slice(0, 1) : customers;
  for (const { token, me } of asked) {
    const reply = await ask(port, asking(contestant, name, token));
    const wanted = { data: name === 'plans' ? { plans } : { me } };
    if (reply.status !== 200 || !isSame(reply.answer, wanted))
      throw new Error(
        `${contestant.name} answered ${name} with ${reply.status} ${JSON.stringify(reply.answer)} instead of ${JSON.stringify(wanted)}`,
      );
    bytes += reply.bytes;
  }
  return bytes / asked.length;
}

/** After changes: everybody's plan works, at the latest when what was under way at the end of the load is done. */
export async function expectSettled(server, { customers }) {
  const deadline = performance.now() + SETTLED_WITHIN_SECONDS * 1000;
  for (const { token } of customers) {
    for (;;) {
      const { state } = (await answerOf(server, 'me', token)).me.subscription;
      if (state === 'ACTIVE') break;
      if (performance.now() > deadline) throw new Error(`${server.contestant.name} left a customer ${state}`);
      await pause(LOOK_MILLISECONDS);
    }
  }
}

async function answerOf({ contestant, port }, name, token, variables) {
  const { status, answer } = await ask(port, asking(contestant, name, token, variables));
  if (status !== 200 || answer.errors)
    throw new Error(`${contestant.name} answered ${name} with ${status} ${JSON.stringify(answer)}`);
  return answer.data;
}

function isSame(one, other) {
  return sorted(comparable(one)) === sorted(comparable(other));
}

/** As text with the members of objects in one order. */
function sorted(value) {
  return JSON.stringify(value, (_name, member) =>
    member !== null && typeof member === 'object' && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
