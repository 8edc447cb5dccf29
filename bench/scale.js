import { CONTESTANTS } from './contestants/list.js';
import { asking } from './harness/asking.js';
import { median } from './harness/statistics.js';
import { environmentFor, expectAnswers, makeWorld } from './harness/world.js';
import { load } from './processes/load.js';
import { expectTools, machineText } from './processes/machine.js';
import { startRedis } from './processes/redis.js';
import { startServer } from './processes/servers.js';

/*
 * `npm run bench:scale [-- rounds seconds]`: what a second core brings. A unit is a server and the wrk that asks it, bound to
 * one core together, so that with two units the generator takes the same share of each core as with one. One unit and two
 * take turns; the servers share a Redis, as several processes of one deployment do. The same is done with a bare
 * node:http, which says what this machine's second core is worth. It fails below 1.8 times as many requests a second,
 * less what node:http falls short of twice.
 */

const ROUNDS = Number(process.argv[2] ?? 5);
const SECONDS = Number(process.argv[3] ?? 4);
const CONNECTIONS = 16;
const FIRST_PORT = 5300;
const LEAST = 1.8;
const CORES = [0, 1];
const CONTROL = 'node-http';

const contestant = (name) => {
  const found = CONTESTANTS.find((one) => one.name === name);
  if (!found) throw new Error(`There is no contestant ${name}.`);
  return found;
};

/** Requests a second of all those servers at once, and the CPU of one request. */
async function measured(servers, { customers }) {
  const loads = servers.map((server) => {
    const requests = customers.map(({ token }) => asking(server.contestant, 'me', token));
    return load(server, { requests, connections: CONNECTIONS, seconds: SECONDS, core: server.core });
  });
  const results = await Promise.all(loads);
  const failed = results.reduce((sum, { refused, broken }) => sum + refused + broken, 0);
  if (failed > 0) throw new Error(`${failed} requests failed`);
  return {
    perSecond: results.reduce((sum, { perSecond }) => sum + perSecond, 0),
    cpu: results.reduce((sum, { cpuPerRequest }) => sum + cpuPerRequest, 0) / results.length,
  };
}

async function scaling(name, world, env) {
  const servers = [];
  for (const core of CORES) {
    const port = FIRST_PORT + 10 + servers.length * 2;
    const environment = { ...environmentFor(contestant(name), world, port), ...env };
    const server = await startServer(contestant(name), {
      port,
      env: environment,
      token: world.customers[0].token,
      core,
    });
    servers.push({ ...server, core });
  }
  try {
    await measured(servers, world); // warms up
    const rounds = { one: [], two: [] };
    for (let round = 0; round < ROUNDS; round++) {
      rounds.one.push(await measured([servers[round % 2]], world));
      rounds.two.push(await measured(servers, world));
    }
    for (const server of servers) await expectAnswers(server, 'me', world);
    return rounds;
  } finally {
    for (const server of servers) await server.stop();
  }
}

/** Of pairs of rounds that followed each other. */
function ratioOf({ one, two }, what) {
  return median(two.map((round, at) => round[what] / one[at][what]));
}

function report(name, rounds) {
  const of = (which, what) => median(rounds[which].map((round) => round[what])).toFixed(0);
  const each = rounds.two.map((round, at) => (round.perSecond / rounds.one[at].perSecond).toFixed(2)).join(', ');
  console.log(
    `| ${name} | ${of('one', 'perSecond')} | ${of('two', 'perSecond')} | ${ratioOf(rounds, 'perSecond').toFixed(2)} (${each}) | ${of('one', 'cpu')} | ${of('two', 'cpu')} |`,
  );
}

expectTools();
const redis = await startRedis(FIRST_PORT + 50);
const world = await makeWorld({ firstPort: FIRST_PORT, coldTokens: 0 });
const control = await scaling(CONTROL, world, {});
const turnpike = await scaling('turnpike', world, { REDIS_URL: redis.url });
const apollo = await scaling('turnpike-apollo', world, { REDIS_URL: redis.url });
console.log(`${machineText()}; ${ROUNDS} rounds of ${SECONDS} s, ${CONNECTIONS} connections for each server:\n`);
console.log('| | requests/s, one core | two cores | times | CPU µs a request, one | two |\n|---|---|---|---|---|---|');
report('node:http, constant body (the machine)', control);
report('Turnpike', turnpike);
report('Turnpike, through Apollo each time', apollo);
const machine = Math.min(2, ratioOf(control, 'perSecond'));
const least = (LEAST / 2) * machine;
const found = ratioOf(turnpike, 'perSecond');
console.log(
  `\nTwo cores of this machine are worth ${machine.toFixed(2)} of one; so ${least.toFixed(2)} is good. ${found >= least ? 'Good.' : 'BROKEN: too little.'}`,
);
process.exit(found >= least ? 0 : 1);
