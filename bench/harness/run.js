import { load } from '../processes/load.js';
import { watchStrangers } from '../processes/machine.js';
import { startServer } from '../processes/servers.js';
import { SLICES } from './slices.js';
import { median } from './statistics.js';
import { environmentFor, expectAnswers, expectSettled } from './world.js';

const LEAD_SECONDS = 1;
const WARM_UP_SECONDS = 2;
/** Warm is who got no faster by more than this in so many runs. */
const STEADY_PERCENT = 4;
const STEADY_RUNS = 2;
const WARM_UP_REQUESTS = 10_000;
const OUTLIER_PERCENT = 25;
const BYTES_PERCENT = 1;
const PORTS_EACH = 2;
const START_PORT = 60;

/** All servers, each on ports of its own; they stay for the whole run and wait for their turns. */
export async function startAll(contestants, world) {
  const servers = [];
  for (const contestant of contestants) {
    const port = world.firstPort + servers.length * PORTS_EACH;
    const env = environmentFor(contestant, world, port);
    servers.push(await startServer(contestant, { port, env, token: world.customers[0].token }));
  }
  return servers;
}

/** A slice in rounds A B C … A B C …: the records of each server, round by round. */
export async function runSlice(name, servers, world, options) {
  const slice = SLICES[name];
  const some = servers.filter(({ contestant }) => !slice.takesPart || slice.takesPart(contestant));
  if (slice.isStart) return runStarts(some, world, options);
  for (const server of some) server.turns = 0;
  for (const server of some) await warmUp(slice, server, world, options);
  const records = new Map(some.map((server) => [server, []]));
  for (let round = 1; round <= options.rounds; round += 1) {
    await world.pool.renewAll(world.customers);
    for (const server of some) records.get(server).push(await measured(slice, server, world, options));
    options.tell(`${name}: round ${round} of ${options.rounds}`);
  }
  await repeatOutliers(slice, records, world, options);
  return [...records].map(([{ contestant }, rounds]) => ({ contestant, rounds }));
}

async function warmUp(slice, server, world, { warmUpSeconds, tell }) {
  let best = Number.POSITIVE_INFINITY;
  let steady = 0;
  let answered = 0;
  for (let spent = 0; spent < warmUpSeconds && steady < STEADY_RUNS; spent += WARM_UP_SECONDS) {
    const { cpuPerRequest, requests } = await loaded(slice, server, world, WARM_UP_SECONDS);
    answered += requests;
    const isFaster = cpuPerRequest < best * (1 - STEADY_PERCENT / 100);
    steady = isFaster || answered < WARM_UP_REQUESTS ? 0 : steady + 1;
    best = Math.min(best, cpuPerRequest);
  }
  tell(`${server.contestant.name} is warm after ${answered} requests`);
}

function measured(slice, server, world, { seconds, ...options }) {
  return quietest(options, async () => {
    if (!slice.isOnce) await loaded(slice, server, world, LEAD_SECONDS);
    return loaded(slice, server, world, seconds);
  });
}

/** What `work` measured; again while strangers used too much of the machine, and then the quietest. */
async function quietest({ noisePercent, repeats }, work) {
  const tries = [];
  do tries.push(await work());
  while (tries.at(-1).noisePercent > noisePercent && tries.length <= repeats);
  const [best] = tries.sort((a, b) => a.noisePercent - b.noisePercent);
  return { ...best, isNoisy: best.noisePercent > noisePercent, tries: tries.length };
}

/** One run of the load, with a look at the answers before and after. */
async function loaded(slice, server, world, seconds) {
  const { contestant } = server;
  const bytes = slice.asksAws ? null : await expectAnswers(server, slice.asks, world);
  server.turns += 1;
  const calls = await world.sandbox.calls();
  const result = await load(server, {
    requests: await slice.requests(contestant, world, server.turns),
    connections: slice.connections,
    seconds,
    isOnce: slice.isOnce,
    expected: slice.expected,
    own: [world.sandbox.pid],
  });
  if (result.refused + result.broken + result.unexpected > 0)
    throw new Error(`${contestant.name} failed under load: ${JSON.stringify(result)}`);
  if (bytes === null) await expectSettled(server, world);
  else {
    await expectAnswers(server, slice.asks, world);
    const each = result.bytes / result.requests;
    if (Math.abs(each / bytes - 1) > BYTES_PERCENT / 100)
      throw new Error(`${contestant.name} gave other answers under load: ${each} bytes each instead of ${bytes}`);
  }
  return { ...result, awsCallsPerRequest: ((await world.sandbox.calls()) - calls) / result.requests };
}

/** What is far from a contestant's own median was disturbed in a way that /proc/stat does not show. */
async function repeatOutliers(slice, records, world, { repeats, ...options }) {
  for (const [server, rounds] of records) {
    for (let left = repeats; left > 0; left -= 1) {
      const usual = median(rounds.map(({ cpuPerRequest }) => cpuPerRequest));
      const index = rounds.findIndex(
        ({ cpuPerRequest }) => Math.abs(cpuPerRequest / usual - 1) > OUTLIER_PERCENT / 100,
      );
      if (index < 0) break;
      const again = await measured(slice, server, world, { ...options, repeats });
      rounds[index] = { ...again, tries: again.tries + rounds[index].tries };
    }
  }
}

async function runStarts(servers, world, { rounds, noisePercent, repeats, tell }) {
  const records = new Map(servers.map(({ contestant }) => [contestant, []]));
  for (let round = 1; round <= rounds; round += 1) {
    for (const [contestant, done] of records) {
      done.push(await quietest({ noisePercent, repeats }, () => started(contestant, world)));
    }
    tell(`start: round ${round} of ${rounds}`);
  }
  return [...records].map(([contestant, done]) => ({ contestant, rounds: done }));
}

async function started(contestant, world) {
  const port = world.firstPort + START_PORT;
  const strangers = watchStrangers([process.pid, world.sandbox.pid]);
  const env = environmentFor(contestant, world, port);
  const server = await startServer(contestant, { port, env, token: world.customers[0].token });
  const noisePercent = strangers(server.atStart.cpuMilliseconds * 1000);
  await server.stop();
  return { ...server.atStart, noisePercent };
}
